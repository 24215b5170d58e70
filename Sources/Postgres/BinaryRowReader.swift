/// Walks the fields of one row of a binary COPY where they lie.
///
/// It never reads beyond the row: a length that cannot be ends the walk and sets
/// `isDamaged`.
public struct BinaryRowReader {
  @usableFromInline let bytes: UnsafeRawBufferPointer
  @usableFromInline var offset = 2
  @usableFromInline var fieldsLeft: Int
  /// How many fields the row says it has.
  public let fieldCount: Int
  @usableFromInline var damage: Bool
  /// Whether the row contradicts itself.
  @inlinable public var isDamaged: Bool { damage }

  /// Reads a row as `CopyOut` lends it, and only as long as it is lent.
  @inlinable
  public init(_ row: UnsafeRawBufferPointer) {
    bytes = row
    let count = row.count >= 2 ? Int(row.bigEndian(at: 0, as: Int16.self)) : -1
    damage = count < 0
    fieldCount = max(0, count)
    fieldsLeft = fieldCount
  }

  /// Returns the next field; nil after the last, or at damage.
  @inlinable
  public mutating func next() -> BinaryField? {
    guard fieldsLeft > 0 else {
      if offset != bytes.count { damage = true }
      return nil
    }
    guard bytes.count - offset >= 4 else { return damaged() }
    let length = Int(bytes.bigEndian(at: offset, as: Int32.self))
    guard length >= -1, length <= bytes.count - offset - 4 else { return damaged() }
    fieldsLeft -= 1
    let start = offset + 4
    offset = start + max(0, length)
    guard length >= 0 else { return BinaryField.null }
    return BinaryField(UnsafeRawBufferPointer(rebasing: bytes[start..<offset]))
  }

  @usableFromInline
  mutating func damaged() -> BinaryField? {
    damage = true
    fieldsLeft = 0
    offset = bytes.count
    return nil
  }
}

/// One value of a binary row, lent together with the row.
public struct BinaryField {
  /// The value's bytes; empty for null as well.
  public let bytes: UnsafeRawBufferPointer
  public let isNull: Bool

  @inlinable static var null: BinaryField {
    BinaryField(bytes: UnsafeRawBufferPointer(start: nil, count: 0), isNull: true)
  }

  @inlinable
  init(bytes: UnsafeRawBufferPointer, isNull: Bool) {
    self.bytes = bytes
    self.isNull = isNull
  }

  /// Views a value that is not null.
  @inlinable
  public init(_ bytes: UnsafeRawBufferPointer) { self.init(bytes: bytes, isNull: false) }

  /// Reads an int2, int4 or int8 (also date, timestamp, time); nil for other sizes.
  @inlinable public var int: Int64? {
    switch bytes.count {
    case 2: Int64(bytes.bigEndian(at: 0, as: Int16.self))
    case 4: Int64(bytes.bigEndian(at: 0, as: Int32.self))
    case 8: bytes.bigEndian(at: 0, as: Int64.self)
    default: nil
    }
  }

  /// Reads a float4 or float8; nil for other sizes.
  @inlinable public var double: Double? {
    switch bytes.count {
    case 4: Double(Float(bitPattern: bytes.bigEndian(at: 0, as: UInt32.self)))
    case 8: Double(bitPattern: bytes.bigEndian(at: 0, as: UInt64.self))
    default: nil
    }
  }

  /// Reads a boolean; nil if it is none.
  @inlinable public var bool: Bool? { bytes.count == 1 ? bytes[0] != 0 : nil }

  /// Reads a uuid as two numbers, the first bytes highest; nil if it is none.
  @inlinable public var uuid: (high: UInt64, low: UInt64)? {
    guard bytes.count == 16 else { return nil }
    return (bytes.bigEndian(at: 0, as: UInt64.self), bytes.bigEndian(at: 8, as: UInt64.self))
  }

  /// Returns a copy as text; nil for null. Not for the path of every row.
  public var text: String? { isNull ? nil : String(decoding: bytes, as: UTF8.self) }
}
