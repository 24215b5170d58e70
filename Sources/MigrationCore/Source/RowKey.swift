import Postgres

/// The bytes of a source row's key as COPY sends them: what rows are told apart by within a run.
struct BinaryKey: Sendable {
  /// Where the key's columns stand in the row, ascending.
  let fields: [Int]

  /// Puts the key's fields into an array that is used again and again, each with its length before it.
  func read(_ row: UnsafeRawBufferPointer, into key: inout [UInt8]) {
    key.removeAll(keepingCapacity: true)
    var reader = BinaryRowReader(row)
    var position = 0
    var wanted = 0
    while wanted < fields.count, let field = reader.next() {
      if position == fields[wanted] {
        let count = UInt32(field.isNull ? .max : field.bytes.count)
        withUnsafeBytes(of: count.bigEndian) { key.append(contentsOf: $0) }
        key.append(contentsOf: field.bytes)
        wanted += 1
      }
      position += 1
    }
  }
}
