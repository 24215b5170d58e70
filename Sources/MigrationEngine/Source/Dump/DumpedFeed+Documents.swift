import MigrationRows
import Mongo

// The documents of a dumped collection, by their ids or their numbers.
extension DumpedFeed {
  /// Looks every document's id up among some.
  func read(
    ids: [BSONValue], _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let wanted = Set(ids.map(DocumentID.rawKey))
    let cursor = try self.cursor()
    var key: [UInt8] = []
    while let document = try cursor.next() {
      key.removeAll(keepingCapacity: true)
      RowKey.readID(of: document.view.bytes, into: &key)
      if wanted.contains(key) { try body(document.view.bytes) }
    }
  }

  /// Lends documents with their numbers, as long as the numbers are wanted.
  func forEach(
    while isWanted: (Int) -> Bool = { _ in true },
    body: (Int, DocumentView) throws -> Void
  ) throws {
    let cursor = try self.cursor()
    var number = 0
    while isWanted(number), let document = try cursor.next() {
      try body(number, document.view)
      number += 1
    }
  }

  /// Lends a number of documents spread over the file, and the last and the widest.
  func sample(
    _ count: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var total = 0
    var widest = (number: 0, bytes: 0)
    try forEach { number, document in
      total += 1
      if document.bytes.count > widest.bytes { widest = (number, document.bytes.count) }
    }
    let step = max(1, total / max(1, count))
    try forEach { number, document in
      if number % step == 0 || number == total - 1 || number == widest.number {
        try body(document.bytes)
      }
    }
  }
}
