/// What a program reads of documents.
struct DocumentShape {
  /// The names of the fields that rules read, each with the number of its slot in two bytes.
  var names: LookupView
  var fieldCount: Int32
  /// The field whose elements are the rows, and the path from it to them; -1 where each document
  /// is a row.
  var each: Place
  var eachPath: Span32
  /// The slot of the element at hand.
  var element: Place
}

/// The elements of a document's array, of which each is a row.
struct ElementRows {
  private var scan: BSONScan?
  /// A value that is no array, and counts as one of itself.
  private var single: Slot?
  /// How many elements were taken.
  private(set) var taken = 0

  init() {}

  init(of value: Slot) {
    switch value.kind {
    case .list: scan = BSONScan(value.start, value.length)
    case .null: break
    default: single = value
    }
  }

  /// Whether nothing was damaged so far.
  var isSound: Bool { scan?.isSound ?? true }

  /// Takes the next element; nil behind the last.
  mutating func next(in arena: inout Arena) -> Slot? {
    if let value = single {
      single = nil
      taken += 1
      return value
    }
    guard scan?.next() == true, let scan else { return nil }
    taken += 1
    return BSONSlot.make(scan.type, scan.value, scan.valueLength, in: &arena)
  }
}

extension RowEngine {
  /// Fills the source's slots from the fields of a document.
  mutating func decode(_ document: UnsafeRawBufferPointer, _ shape: DocumentShape) -> Bool {
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

  /// Takes a document up whose array's elements are the rows; false where it is damaged.
  mutating func open(_ document: UnsafeRawBufferPointer) -> Bool {
    arena.reset()
    elements = ElementRows()
    guard let shape = memory.documents, decode(document, shape.pointee) else { return false }
    let path = UnsafeBufferPointer(
      rebasing: memory.paths[
        Int(
          shape.pointee.eachPath.first)..<Int(
            shape.pointee.eachPath.first + shape.pointee.eachPath.count)])
    let value = BSONPart.find(slots[Int(shape.pointee.each)], path: path, in: &arena)
    guard value.kind != .failed else { return reject(.corruptRow) }
    elements = ElementRows(of: value)
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
}
