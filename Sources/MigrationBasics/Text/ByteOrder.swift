// PostgreSQL sends numbers with the highest byte first, and nothing of a row is aligned.

extension UnsafeRawPointer {
  @inlinable @inline(__always)
  package func byte(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }

  @inlinable @inline(__always)
  package func int16(_ offset: Int) -> Int16 {
    Int16(bigEndian: loadUnaligned(fromByteOffset: offset, as: Int16.self))
  }

  @inlinable @inline(__always)
  package func int32(_ offset: Int) -> Int32 {
    Int32(bigEndian: loadUnaligned(fromByteOffset: offset, as: Int32.self))
  }

  @inlinable @inline(__always)
  package func int64(_ offset: Int) -> Int64 {
    Int64(bigEndian: loadUnaligned(fromByteOffset: offset, as: Int64.self))
  }

  /// Eight bytes in the machine's own order, for scans that check eight bytes at a time.
  @inlinable @inline(__always)
  package func word(_ offset: Int) -> UInt64 {
    loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }

  @inlinable @inline(__always)
  package func equals(_ other: UnsafeRawPointer, _ count: Int) -> Bool {
    var offset = 0
    while offset &+ 8 <= count {
      if word(offset) != other.word(offset) { return false }
      offset &+= 8
    }
    while offset < count {
      if byte(offset) != other.byte(offset) { return false }
      offset &+= 1
    }
    return true
  }
}

extension UnsafeMutableRawPointer {
  @inlinable @inline(__always)
  package func put(_ byte: UInt8, _ offset: Int) {
    storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
  }

  @inlinable @inline(__always)
  package func put16(_ value: Int16, _ offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: Int16.self)
  }

  @inlinable @inline(__always)
  package func put32(_ value: Int32, _ offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: Int32.self)
  }

  @inlinable @inline(__always)
  package func put64(_ value: Int64, _ offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: Int64.self)
  }

  /// Copies a few constant bytes, such as a keyword.
  @inlinable @inline(__always)
  package func put(_ text: StaticString, _ offset: Int) {
    (self + offset).copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
  }
}
