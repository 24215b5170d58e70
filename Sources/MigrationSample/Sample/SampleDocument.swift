import Mongo

/// Writes documents as BSON, field by field, into one buffer that is used again.
struct SampleDocument {
  private(set) var bytes: [UInt8] = []
  /// Where the documents and arrays begin that are open, the outermost first.
  private var open: [Int] = []

  init() { bytes.reserveCapacity(16 << 10) }

  mutating func begin() {
    bytes.removeAll(keepingCapacity: true)
    open.removeAll(keepingCapacity: true)
    enter()
  }

  /// Ends the innermost document or array.
  mutating func end() {
    guard let start = open.popLast() else { return }
    bytes.append(0)
    let length = UInt32(bytes.count - start)
    for place in 0..<4 {
      bytes[start + place] = UInt8(truncatingIfNeeded: length >> UInt32(8 * place))
    }
  }

  mutating func document(_ key: String) { field(.document, key); enter() }
  mutating func array(_ key: String) { field(.array, key); enter() }

  mutating func null(_ key: String) { field(.null, key) }

  mutating func text(_ key: String, _ value: String) {
    field(.string, key)
    put(Int32(value.utf8.count + 1))
    bytes.append(contentsOf: value.utf8)
    bytes.append(0)
  }

  mutating func int32(_ key: String, _ value: Int) {
    field(.int32, key)
    put(Int32(truncatingIfNeeded: value))
  }

  mutating func int64(_ key: String, _ value: Int) { field(.int64, key); put(Int64(value)) }

  mutating func double(_ key: String, _ value: Double) {
    field(.double, key)
    put(value.bitPattern)
  }

  mutating func bool(_ key: String, _ value: Bool) {
    field(.bool, key)
    bytes.append(value ? 1 : 0)
  }

  /// Writes a moment in milliseconds since 1970.
  mutating func date(_ key: String, _ value: Int) { field(.date, key); put(Int64(value)) }

  mutating func id(_ key: String, _ value: ObjectID) {
    field(.objectID, key)
    bytes.append(contentsOf: value.bytes)
  }

  private mutating func enter() {
    open.append(bytes.count)
    put(Int32(0))
  }

  private mutating func field(_ type: BSONType, _ key: String) {
    bytes.append(type.rawValue)
    bytes.append(contentsOf: key.utf8)
    bytes.append(0)
  }

  private mutating func put(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
