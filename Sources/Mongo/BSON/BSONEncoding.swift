/// Writes values as the bytes of a document.
enum BSONEncoding {
  static func append(key: BSONText, _ value: BSONValue, to bytes: inout [UInt8]) {
    precondition(!key.containsNUL, "a BSON key cannot hold a NUL")
    bytes.append(value.type.rawValue)
    bytes.append(contentsOf: key.bytes)
    bytes.append(0)
    append(value, to: &bytes)
  }

  static func append(_ value: BSONValue, to bytes: inout [UInt8]) {
    switch value {
    case .double(let number): append(number.bitPattern, to: &bytes)
    case .string(let text), .javascript(let text), .symbol(let text): append(text, to: &bytes)
    case .document(let document): bytes.append(contentsOf: document.bytes)
    case .array(let array): bytes.append(contentsOf: array.document.bytes)
    case .binary(let binary): append(binary, to: &bytes)
    case .undefined, .null, .minKey, .maxKey: break
    case .objectID(let id): bytes.append(contentsOf: id.bytes)
    case .bool(let value): bytes.append(value ? 1 : 0)
    case .date(let number), .int64(let number): append(number, to: &bytes)
    case .regex(let regex):
      bytes.append(contentsOf: regex.pattern.bytes + [0] + regex.options.bytes + [0])
    case .dbPointer(let pointer):
      append(pointer.namespace, to: &bytes)
      bytes.append(contentsOf: pointer.id.bytes)
    case .javascriptWithScope(let code, let scope):
      append(Int32(4 + 4 + code.bytes.count + 1 + scope.bytes.count), to: &bytes)
      append(code, to: &bytes)
      bytes.append(contentsOf: scope.bytes)
    case .int32(let number): append(number, to: &bytes)
    case .timestamp(let timestamp): append(timestamp.bits, to: &bytes)
    case .decimal128(let decimal):
      append(decimal.low, to: &bytes)
      append(decimal.high, to: &bytes)
    }
  }

  static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private static func append(_ text: BSONText, to bytes: inout [UInt8]) {
    append(Int32(text.bytes.count + 1), to: &bytes)
    bytes.append(contentsOf: text.bytes)
    bytes.append(0)
  }

  private static func append(_ binary: BSONBinary, to bytes: inout [UInt8]) {
    let isOld = binary.subtype == BSONBinary.oldSubtype
    append(Int32(binary.bytes.count + (isOld ? 4 : 0)), to: &bytes)
    bytes.append(binary.subtype)
    if isOld { append(Int32(binary.bytes.count), to: &bytes) }
    bytes.append(contentsOf: binary.bytes)
  }
}
