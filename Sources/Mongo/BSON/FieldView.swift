import CMongo

/// The memory that a walk writes to, freed when neither walker nor fields hold it any more.
final class FieldTable {
  let records: UnsafeMutableBufferPointer<cmongo_field>

  init(capacity: Int) { records = .allocate(capacity: capacity) }

  deinit { records.deallocate() }
}

/// The fields of one level, in order, lent by the walker that read them.
public struct FieldViews: RandomAccessCollection {
  let table: FieldTable
  public let count: Int
  let depth: Int

  public var startIndex: Int { 0 }
  public var endIndex: Int { count }
  public subscript(index: Int) -> FieldView {
    precondition(index >= 0 && index < count, "there is no such field")
    return FieldView(record: table.records[index], depth: depth)
  }
}

/// One field, read in place.
///
/// - Warning: Its buffers point into the document's memory and end with it.
public struct FieldView {
  let record: cmongo_field
  let depth: Int

  /// The type byte, which the walk has checked.
  public var typeByte: UInt8 { record.type }

  /// The type; nil only for a byte that no walk lets through.
  public var type: BSONType? { BSONType(rawValue: record.type) }

  /// The key without its NUL. In an array it ought to be the index, and is not to be trusted.
  public var key: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: record.key, count: Int(record.key_length))
  }

  /// The value as it is encoded.
  public var raw: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: record.value, count: Int(record.value_length))
  }

  /// The number of an int32, int64, date (milliseconds), bool or timestamp; a double's bits.
  public var payload: Int64 { record.payload }

  /// The number of a double.
  public var double: Double { Double(bitPattern: UInt64(bitPattern: record.payload)) }

  /// The characters of a string, symbol or JavaScript without scope; they may hold NULs.
  public var text: UnsafeRawBufferPointer {
    raw.count < 5 ? empty : slice(4..<raw.count - 1)
  }

  /// The bytes of a binary, without its lengths.
  public var binary: UnsafeRawBufferPointer {
    guard raw.count >= 5 else { return empty }
    let header = raw[4] == BSONBinary.oldSubtype ? 9 : 5
    return header <= raw.count ? slice(header..<raw.count) : empty
  }

  /// The subtype of a binary.
  public var binarySubtype: UInt8 { raw.count >= 5 ? raw[4] : 0 }

  /// The nested document or array, one level deeper.
  public var document: DocumentView { DocumentView(unchecked: raw, depth: depth + 1) }

  /// The ObjectId; nil for any other type.
  public var objectID: ObjectID? {
    type == .objectID && raw.count == 12 ? ObjectID(reading: raw, at: 0) : nil
  }

  /// Copies the value, after checking its structure at every level.
  public func copy() throws(BSONError) -> BSONValue {
    let wrapped = [record.type, 0] + raw
    var bytes: [UInt8] = []
    BSONEncoding.append(Int32(wrapped.count + 5), to: &bytes)
    let document = try BSONDocument(bytes: bytes + wrapped + [0])
    for (_, value) in document { return value }
    return .null
  }

  private var empty: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

  private func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: raw[range])
  }
}
