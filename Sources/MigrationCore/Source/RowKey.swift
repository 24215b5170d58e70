import Postgres

/// What source rows are told apart by within a run: some bytes of each.
enum RowKey: Sendable {
  /// Fields of a COPY row, by their numbers in ascending order.
  case fields([Int])
  /// The `_id` of a document.
  case documentID

  /// Puts a row's key into an array that is used again and again.
  ///
  /// - Parameter element: which element of the document's array is the row; -1 where none is.
  func read(_ row: UnsafeRawBufferPointer, element: Int = -1, into key: inout [UInt8]) {
    key.removeAll(keepingCapacity: true)
    switch self {
    case .fields(let fields): Self.read(fields, of: row, into: &key)
    case .documentID:
      Self.readID(of: row, into: &key)
      if element >= 0 {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: element).bigEndian) {
          key.append(contentsOf: $0)
        }
      }
    }
  }

  /// Reads fields, each with its length before it.
  private static func read(
    _ fields: [Int], of row: UnsafeRawBufferPointer, into key: inout [UInt8]
  ) {
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

  /// Reads the type of the `_id` and its value as it is stored.
  private static func readID(of document: UnsafeRawBufferPointer, into key: inout [UInt8]) {
    guard let start = document.baseAddress else { return }
    var scan = BSONScan(start, document.count)
    while scan.next() {
      guard scan.keyLength == 3, scan.key.byte(0) == UInt8(ascii: "_"),
        scan.key.byte(1) == UInt8(ascii: "i"), scan.key.byte(2) == UInt8(ascii: "d")
      else { continue }
      key.append(scan.type)
      key.append(
        contentsOf: UnsafeRawBufferPointer(start: scan.value, count: scan.valueLength))
      return
    }
  }
}
