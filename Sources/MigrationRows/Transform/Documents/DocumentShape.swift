/// What a program reads of documents.
package struct DocumentShape: BitwiseCopyable {
  /// The names of the fields that rules read, each with the number of its slot in two bytes.
  package var names: LookupView
  var fieldCount: Int32
  /// The field whose elements are the rows, and the path from it to them; -1 where each document
  /// is a row.
  package var each: Place
  var eachPath: Span32
  /// The slot of the element at hand.
  package var element: Place
}

extension RowEngine {
  /// Fills the source's slots from the fields of a document.
  package mutating func decode(_ document: UnsafeRawBufferPointer, _ shape: DocumentShape) -> Bool {
    var place = 0
    while place < Int(shape.fieldCount) {
      slots[place] = .null
      place &+= 1
    }
    guard let start = document.baseAddress else { return reject(.corruptRow) }
    var scan = BSONScan(start, document.count)
    while scan.next() {
      guard let found = shape.names.find(scan.key, scan.keyLength) else { continue }
      let place = Int(found.start.byte(0)) << 8 | Int(found.start.byte(1))
      slots[place] = BSONSlot.make(scan.type, scan.value, scan.valueLength, in: &arena)
    }
    return scan.isSound || reject(.corruptRow)
  }

  /// Takes a document up whose array's elements are the rows; false if it is damaged.
  package mutating func open(_ document: UnsafeRawBufferPointer) -> Bool {
    arena.reset()
    elements.close()
    guard let shape = memory.documents, decode(document, shape.pointee) else { return false }
    elements.open(
      slots[Int(shape.pointee.each)], path: keys(of: shape.pointee.eachPath), in: &arena)
    guard elements.isSound else { return reject(.corruptRow) }
    documentMark = arena.mark
    return true
  }

  /// Goes to the next element of the document at hand; false behind the last.
  mutating func nextElement() -> Bool {
    guard let shape = memory.documents else { return false }
    arena.rewind(to: documentMark)
    guard let element = elements.next(in: &arena) else { return false }
    slots[Int(shape.pointee.element)] = element
    return true
  }

  /// The keys of a path.
  @inline(__always)
  package func keys(of path: Span32) -> UnsafeBufferPointer<Slot> {
    UnsafeBufferPointer(rebasing: memory.paths[Int(path.first)..<Int(path.first + path.count)])
  }
}
