import MigrationBasics
import Postgres

/// Documents whose arrays' elements are the rows.
extension RowMachine {
  /// Takes a document up; `next` then goes through the rows that it makes. False if it is
  /// damaged, and `reject` says so.
  package func open(_ document: UnsafeRawBufferPointer) -> Bool { engine.pointee.open(document) }

  /// Goes to the document's next element; false behind the last.
  package func next() -> Bool { engine.pointee.nextElement() }

  /// Whether the document's array could be read to its end.
  package var wasWhole: Bool { engine.pointee.elements.isSound }

  /// Transforms a source row, or the element at hand if there is one, and appends the target row.
  @inline(__always)
  package func run(
    _ row: UnsafeRawBufferPointer, element: Int, into buffer: CopyBuffer
  ) -> Verdict {
    if element < 0 { return run(row, into: buffer) }
    guard engine.pointee.runDecoded() else { return .rejected }
    send(to: buffer)
    return .row
  }

  /// Goes through the rows that a source row makes: the numbers of its elements, -1 for itself.
  package func forEachRow(of row: UnsafeRawBufferPointer, _ body: (Int) -> Void) {
    guard program.readsElements else { return body(-1) }
    guard open(row) else { return }
    var number = 0
    while next() {
      body(number)
      number += 1
    }
  }

  /// Goes to one element of a document; -1 represents the whole of it, if nothing is to be done.
  ///
  /// - Parameter isOpen: whether it is the document of the call before, so that later elements are gone
  ///   to from where that one ended.
  /// - Returns: how many elements it went over.
  @discardableResult
  package func goTo(_ element: Int, of row: UnsafeRawBufferPointer, isOpen: Bool = false) -> Int {
    guard element >= 0 else { return 0 }
    guard isOpen && engine.pointee.elements.taken <= element + 1 || open(row) else { return 0 }
    let before = engine.pointee.elements.taken
    while engine.pointee.elements.taken <= element, next() {}
    return engine.pointee.elements.taken - before
  }

  /// The document, or of an element that is a row the element alone with the document's `_id`: an
  /// array of many bad elements would be kept many times over else.
  func documentRow(_ document: UnsafeRawBufferPointer, _ element: Int) -> JSONValue {
    guard element >= 0, let shape = engine.pointee.memory.documents else {
      return DocumentJSON.value(document)
    }
    let value = SlotJSON.value(engine.pointee.slots[Int(shape.pointee.element)])
    return documentKey(document, element).adding("value", value)
  }

  /// The document's `_id`, with the number of the element if an element is the row.
  func documentKey(_ document: UnsafeRawBufferPointer, _ element: Int) -> JSONValue {
    let key = DocumentJSON.field("_id", of: document)
    return element < 0 ? key : key.adding("element", .int(element))
  }
}

extension JSONValue {
  /// Returns an object with one member more; anything else as it is.
  fileprivate func adding(_ key: String, _ value: JSONValue) -> JSONValue {
    guard case .object(let object) = self else { return self }
    return .object(JSONObject(object.members.map { ($0.key, $0.value) } + [(key, value)]))
  }
}

extension RowProgram {
  /// Whether the rows are the elements of an array in each document.
  package var readsElements: Bool { memory.documents.map { $0.pointee.element >= 0 } ?? false }
}
