/// Writes rows in COPY's binary format straight into a buffer.
///
/// Every call appends; nothing is allocated but the buffer's own growth. The
/// caller sees to it that a row has as many fields as it said, and of the types
/// that the columns have: the server checks both, and refuses the whole COPY.
public struct BinaryRowWriter {
  @usableFromInline let buffer: CopyBuffer

  @inlinable public init(_ buffer: CopyBuffer) { self.buffer = buffer }

  /// Begins a row.
  @inlinable
  public func beginRow(fieldCount: Int) {
    buffer.storage.pointee.rowStart = buffer.storage.pointee.count
    put(Int16(truncatingIfNeeded: fieldCount), at: buffer.claim(2))
  }

  /// Takes back the row that was begun last, as if it had never been.
  @inlinable
  public func discardRow() { buffer.storage.pointee.count = buffer.storage.pointee.rowStart }

  /// How many bytes the row has so far.
  @inlinable
  public var rowByteCount: Int { buffer.storage.pointee.count - buffer.storage.pointee.rowStart }

  @inlinable public func null() { put(Int32(-1), at: buffer.claim(4)) }

  @inlinable public func int2(_ value: Int16) { field(value) }
  @inlinable public func int4(_ value: Int32) { field(value) }
  @inlinable public func int8(_ value: Int64) { field(value) }
  @inlinable public func float4(_ value: Float) { field(value.bitPattern) }
  @inlinable public func float8(_ value: Double) { field(value.bitPattern) }
  @inlinable public func bool(_ value: Bool) { field(value ? UInt8(1) : 0) }

  /// Writes a uuid from its 16 bytes as two numbers, the first bytes highest.
  @inlinable
  public func uuid(_ high: UInt64, _ low: UInt64) {
    let place = buffer.claim(20)
    put(Int32(16), at: place)
    put(high, at: place + 4)
    put(low, at: place + 12)
  }

  /// Writes a timestamp, with or without time zone, in microseconds since 2000-01-01 UTC.
  @inlinable
  public func timestamp(microsecondsSince2000 value: Int64) { field(value) }

  /// Writes a date in days since 2000-01-01.
  @inlinable
  public func date(daysSince2000 value: Int32) { field(value) }

  /// Writes a value of bytes: text, varchar, bytea, json, an enum label.
  @inlinable
  public func bytes(_ value: UnsafeRawBufferPointer) {
    put(Int32(truncatingIfNeeded: value.count), at: buffer.claim(4))
    buffer.append(value)
  }

  /// Writes a jsonb from its text.
  @inlinable
  public func jsonb(_ text: UnsafeRawBufferPointer) {
    let place = buffer.claim(5)
    put(Int32(truncatingIfNeeded: text.count + 1), at: place)
    put(UInt8(1), at: place + 4)
    buffer.append(text)
  }

  /// Writes a text that is a Swift string already.
  public func text(_ value: String) {
    var value = value
    value.withUTF8 { bytes(UnsafeRawBufferPointer($0)) }
  }

  /// Begins a value whose length is known only when it has been written.
  ///
  /// What is written until `endValue` is its content, written with `raw`.
  @inlinable
  public func beginValue() -> Int {
    put(Int32(0), at: buffer.claim(4))
    return buffer.count
  }

  /// Ends a value with what `beginValue` returned.
  @inlinable
  public func endValue(_ start: Int) {
    let length = Int32(truncatingIfNeeded: buffer.count - start)
    put(length, at: buffer.storage.pointee.base + (start - 4))
  }

  /// Writes an integer without a length, as part of a value.
  @inlinable
  public func raw<Number: FixedWidthInteger>(_ value: Number) {
    put(value, at: buffer.claim(MemoryLayout<Number>.size))
  }

  /// Writes bytes without a length, as part of a value.
  @inlinable
  public func raw(_ bytes: UnsafeRawBufferPointer) { buffer.append(bytes) }

  @inlinable
  func field<Number: FixedWidthInteger>(_ value: Number) {
    let size = MemoryLayout<Number>.size
    let place = buffer.claim(4 + size)
    put(Int32(truncatingIfNeeded: size), at: place)
    put(value, at: place + 4)
  }

  @inlinable
  func put<Number: FixedWidthInteger>(_ value: Number, at place: UnsafeMutableRawPointer) {
    place.storeBytes(of: value.bigEndian, as: Number.self)
  }
}
