/// Makes values of elements whose bounds a cursor has checked.
enum BSONDecoding {
  static func field(_ element: BSONElement, in bytes: UnsafeRawBufferPointer)
    -> (key: BSONText, value: BSONValue)
  {
    (BSONText(bytes: Array(bytes[element.key])), value(of: element, in: bytes))
  }

  static func value(of element: BSONElement, in bytes: UnsafeRawBufferPointer) -> BSONValue {
    let start = element.value.lowerBound
    switch element.type {
    case .double: return .double(Double(bitPattern: bytes.uint64(at: start)))
    case .string: return .string(ownedText(at: start, in: bytes))
    case .document: return .document(document(element.value, in: bytes))
    case .array: return .array(BSONArray(stored: document(element.value, in: bytes)))
    case .binary: return .binary(binary(element.value, in: bytes))
    case .undefined: return .undefined
    case .objectID: return .objectID(ObjectID(reading: bytes, at: start))
    case .bool: return .bool(bytes[start] != 0)
    case .date: return .date(Int64(bitPattern: bytes.uint64(at: start)))
    case .null: return .null
    case .regex: return .regex(regex(element.value, in: bytes))
    case .dbPointer:
      let namespace = ownedText(at: start, in: bytes)
      let id = ObjectID(reading: bytes, at: element.value.upperBound - 12)
      return .dbPointer(BSONPointer(namespace: namespace, id: id))
    case .javascript: return .javascript(ownedText(at: start, in: bytes))
    case .symbol: return .symbol(ownedText(at: start, in: bytes))
    case .javascriptWithScope:
      let scope = document(scope(of: element, in: bytes), in: bytes)
      return .javascriptWithScope(ownedText(at: start + 4, in: bytes), scope)
    case .int32: return .int32(bytes.int32(at: start))
    case .timestamp: return .timestamp(BSONTimestamp(bits: bytes.uint64(at: start)))
    case .int64: return .int64(Int64(bitPattern: bytes.uint64(at: start)))
    case .decimal128:
      return .decimal128(
        Decimal128(high: bytes.uint64(at: start + 8), low: bytes.uint64(at: start)))
    case .minKey: return .minKey
    case .maxKey: return .maxKey
    }
  }

  /// The characters of a string whose length is at `start`, without its NUL.
  static func text(at start: Int, in bytes: UnsafeRawBufferPointer) -> Range<Int> {
    start + 4..<start + 4 + Int(bytes.int32(at: start)) - 1
  }

  /// The document behind the code of code with scope.
  static func scope(of element: BSONElement, in bytes: UnsafeRawBufferPointer) -> Range<Int> {
    text(at: element.value.lowerBound + 4, in: bytes).upperBound + 1..<element.value.upperBound
  }

  /// The bytes of a binary, behind its length, its subtype and an old subtype's second length.
  static func content(ofBinary value: Range<Int>, in bytes: UnsafeRawBufferPointer) -> Range<Int> {
    let header = bytes[value.lowerBound + 4] == BSONBinary.oldSubtype ? 9 : 5
    return value.lowerBound + header..<value.upperBound
  }

  private static func ownedText(at start: Int, in bytes: UnsafeRawBufferPointer) -> BSONText {
    BSONText(bytes: Array(bytes[text(at: start, in: bytes)]))
  }

  private static func document(_ range: Range<Int>, in bytes: UnsafeRawBufferPointer)
    -> BSONDocument
  {
    BSONDocument(trusted: Array(bytes[range]))
  }

  private static func binary(_ range: Range<Int>, in bytes: UnsafeRawBufferPointer) -> BSONBinary {
    BSONBinary(
      subtype: bytes[range.lowerBound + 4],
      bytes: Array(bytes[content(ofBinary: range, in: bytes)]))
  }

  private static func regex(_ range: Range<Int>, in bytes: UnsafeRawBufferPointer) -> BSONRegex {
    let parts = bytes[range].split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    return BSONRegex(
      pattern: BSONText(bytes: Array(parts[0])),
      options: BSONText(bytes: Array(parts[1].dropLast())))
  }
}
