import Glibc

/// One field as ranges of the bytes that hold it.
struct BSONElement {
  let type: BSONType
  let key: Range<Int>
  let value: Range<Int>
}

/// Steps through one level of a document, checking every length against the bytes there are.
///
/// It says exactly which byte is wrong. It is our own reading of the format, besides libbson's in
/// `DocumentWalker`, and the tests hold the two against each other.
struct ElementCursor {
  let bytes: UnsafeRawBufferPointer
  private(set) var offset: Int
  /// The offset of the level's terminator.
  let end: Int

  /// Opens the document that fills `range`, checking its length and its terminator.
  init(_ bytes: UnsafeRawBufferPointer, document range: Range<Int>) throws(BSONError) {
    guard range.count >= 5 else { throw BSONError(.truncated, at: range.upperBound) }
    let length = Int(bytes.int32(at: range.lowerBound))
    guard length >= 5 else { throw BSONError(.badLength, at: range.lowerBound) }
    guard length <= range.count else { throw BSONError(.truncated, at: range.upperBound) }
    guard length == range.count else { throw BSONError(.badLength, at: range.lowerBound) }
    guard bytes[range.upperBound - 1] == 0 else {
      throw BSONError(.missingTerminator, at: range.upperBound - 1)
    }
    self.init(bytes, from: range.lowerBound + 4, to: range.upperBound - 1)
  }

  /// Continues in a level that was opened before.
  init(_ bytes: UnsafeRawBufferPointer, from offset: Int, to end: Int) {
    self.bytes = bytes
    self.offset = offset
    self.end = end
  }

  /// Reads the next field; nil at the terminator.
  mutating func next() throws(BSONError) -> BSONElement? {
    guard offset < end else { return nil }
    guard let type = BSONType(rawValue: bytes[offset]) else {
      let code: BSONError.Code = bytes[offset] == 0 ? .missingTerminator : .badType
      throw BSONError(code, at: offset)
    }
    let key = try string(at: offset + 1)
    let start = key.upperBound + 1
    let value = start..<(start + (try length(of: type, at: start)))
    offset = value.upperBound
    return BSONElement(type: type, key: key, value: value)
  }

  /// Finds the NUL that ends a key or a part of a regex.
  private func string(at start: Int) throws(BSONError) -> Range<Int> {
    guard let terminator = bytes.firstNUL(in: start..<end) else {
      throw BSONError(.missingTerminator, at: end)
    }
    return start..<terminator
  }

  private func length(of type: BSONType, at start: Int) throws(BSONError) -> Int {
    switch type {
    case .undefined, .null, .minKey, .maxKey: return 0
    case .bool: return try boolLength(at: start)
    case .int32: return try fixed(4, at: start)
    case .double, .date, .timestamp, .int64: return try fixed(8, at: start)
    case .objectID: return try fixed(12, at: start)
    case .decimal128: return try fixed(16, at: start)
    case .string, .javascript, .symbol: return try stringLength(at: start, limit: end)
    case .document, .array: return try prefixed(at: start, minimum: 5, counting: 0)
    case .binary: return try binaryLength(at: start)
    case .regex:
      let pattern = try string(at: start)
      return try string(at: pattern.upperBound + 1).upperBound + 1 - start
    case .dbPointer:
      let namespace = try stringLength(at: start, limit: end)
      return namespace + (try fixed(12, at: start + namespace))
    case .javascriptWithScope: return try scopedLength(at: start)
    }
  }

  private func fixed(_ length: Int, at start: Int) throws(BSONError) -> Int {
    guard length <= end - start else { throw BSONError(.truncated, at: end) }
    return length
  }

  private func boolLength(at start: Int) throws(BSONError) -> Int {
    _ = try fixed(1, at: start)
    guard bytes[start] <= 1 else { throw BSONError(.badBool, at: start) }
    return 1
  }

  /// Reads a length which counts itself and what follows it, less `counting` further bytes.
  private func prefixed(at start: Int, minimum: Int, counting extra: Int) throws(BSONError) -> Int {
    _ = try fixed(4, at: start)
    let length = Int(bytes.int32(at: start))
    guard length >= minimum, length + extra <= end - start else {
      throw BSONError(.badLength, at: start)
    }
    return length + extra
  }

  private func stringLength(at start: Int, limit: Int) throws(BSONError) -> Int {
    let length = try prefixed(at: start, minimum: 1, counting: 4)
    guard length <= limit - start else { throw BSONError(.badLength, at: start) }
    guard bytes[start + length - 1] == 0 else {
      throw BSONError(.missingTerminator, at: start + length - 1)
    }
    return length
  }

  private func binaryLength(at start: Int) throws(BSONError) -> Int {
    let length = try prefixed(at: start, minimum: 0, counting: 5)
    guard bytes[start + 4] == BSONBinary.oldSubtype else { return length }
    guard length >= 9, bytes.int32(at: start + 5) == length - 9 else {
      throw BSONError(.badLength, at: start + 5)
    }
    return length
  }

  /// Checks that code and scope fill the whole exactly.
  private func scopedLength(at start: Int) throws(BSONError) -> Int {
    let length = try prefixed(at: start, minimum: 14, counting: 0)
    let code = try stringLength(at: start + 4, limit: start + length - 5)
    guard Int(bytes.int32(at: start + 4 + code)) == length - 4 - code else {
      throw BSONError(.badLength, at: start + 4 + code)
    }
    return length
  }
}

extension UnsafeRawBufferPointer {
  /// Reads four bytes at an offset that the caller has checked.
  func int32(at offset: Int) -> Int32 {
    Int32(littleEndian: loadUnaligned(fromByteOffset: offset, as: Int32.self))
  }

  /// Reads eight bytes at an offset that the caller has checked.
  func uint64(at offset: Int) -> UInt64 {
    UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  func firstNUL(in range: Range<Int>) -> Int? {
    guard !range.isEmpty, let base = baseAddress,
      let found = memchr(base + range.lowerBound, 0, range.count)
    else { return nil }
    return base.distance(to: UnsafeRawPointer(found))
  }
}

extension Array<UInt8> {
  /// Lends the bytes; unlike `withUnsafeBytes` it keeps the type of what the closure throws.
  func withRawBytes<R, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try withUnsafeBufferPointer { buffer throws(E) in try body(UnsafeRawBufferPointer(buffer)) }
  }
}
