import MigrationBasics
import MigrationRows
import Postgres

/// What source rows are distinguished by within a run: some bytes of each.
package enum RowKey: Sendable, Hashable {
  /// Fields of a COPY row that no two rows share, by their numbers in ascending order.
  case fields([Int])
  /// The `_id` of a document, in a collection whose index keeps it unique.
  case documentID
  /// A digest of a whole COPY row: nothing proves that the table's key is unique.
  case row
  /// The `_id` and a digest of the whole document: a dump or a view may have one `_id` twice.
  case document

  /// Whether two rows never have the same key. Otherwise those that have are equal in all that is read of them.
  package var isUnique: Bool {
    switch self {
    case .fields, .documentID: true
    case .row, .document: false
    }
  }

  /// Reads fields, each with its length before it.
  fileprivate static func read(
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

  /// Whether the `_id` is the highest value that there is; servers store it first.
  static func isHighestID(of document: UnsafeRawBufferPointer) -> Bool {
    guard let start = document.baseAddress else { return false }
    var scan = BSONScan(start, document.count)
    return scan.next() && scan.type == BSONTag.maxKey && scan.keyLength == 3
      && scan.key.byte(0) == UInt8(ascii: "_")
  }

  /// Reads the type of the `_id` and its value as it is stored.
  static func readID(of document: UnsafeRawBufferPointer, into key: inout [UInt8]) {
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

/// Reads the keys of one source row after the other, and hashes each row once at most.
struct RowKeyReader {
  let key: RowKey
  private var digest: [UInt8] = []

  init(_ key: RowKey) { self.key = key }

  /// Goes on to another source row; to be called before the first of its elements is read.
  mutating func beginRow() {
    if !digest.isEmpty { digest.removeAll(keepingCapacity: true) }
  }

  /// Puts a row's key into an array that is used again and again.
  ///
  /// - Parameter element: which element of the document's array is the row; -1 if none is.
  mutating func read(
    _ row: UnsafeRawBufferPointer, element: Int = -1, into bytes: inout [UInt8]
  ) {
    bytes.removeAll(keepingCapacity: true)
    switch key {
    case .fields(let fields): RowKey.read(fields, of: row, into: &bytes)
    case .documentID: Self.readID(row, element, into: &bytes)
    case .row: appendDigest(of: row, to: &bytes)
    case .document:
      Self.readID(row, element, into: &bytes)
      appendDigest(of: row, to: &bytes)
    }
  }

  /// Reads the `_id` of a document and the number of the element that is the row.
  static func readID(
    _ row: UnsafeRawBufferPointer, _ element: Int, into bytes: inout [UInt8]
  ) {
    RowKey.readID(of: row, into: &bytes)
    guard element >= 0 else { return }
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: element).bigEndian) {
      bytes.append(contentsOf: $0)
    }
  }

  private mutating func appendDigest(of row: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    if digest.isEmpty, let start = row.baseAddress {
      var hash = SHA256()
      hash.update(start, row.count)
      digest.append(contentsOf: repeatElement(0, count: SHA256.size))
      digest.withUnsafeMutableBytes { place in
        if let place = place.baseAddress { hash.finish(to: place) }
      }
    }
    bytes.append(contentsOf: digest)
  }
}
