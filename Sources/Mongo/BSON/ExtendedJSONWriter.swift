/// Writes one document after the other as extended JSON.
struct ExtendedJSONWriter {
  let format: ExtendedJSON
  var output: [UInt8] = []

  init(format: ExtendedJSON) { self.format = format }

  /// Writes a whole document.
  mutating func write(_ bytes: UnsafeRawBufferPointer, isArray: Bool) throws(BSONError) {
    try write(0..<bytes.count, of: bytes, isArray: isArray, depth: 1)
  }

  /// Writes the value of a document's only field.
  mutating func writeFirstValue(of bytes: UnsafeRawBufferPointer) throws(BSONError) {
    var cursor = try ElementCursor(bytes, document: 0..<bytes.count)
    guard let element = try cursor.next() else { return }
    try write(element, of: bytes, depth: 1)
  }

  private mutating func write(
    _ range: Range<Int>, of bytes: UnsafeRawBufferPointer, isArray: Bool, depth: Int
  ) throws(BSONError) {
    guard depth <= BSONLimits.depth else { throw BSONError(.tooDeep, at: range.lowerBound) }
    var cursor = try ElementCursor(bytes, document: range)
    append(isArray ? "[" : "{")
    var isFirst = true
    while let element = try cursor.next() {
      if !isFirst { append(",") }
      isFirst = false
      if !isArray {
        try writeString(element.key, of: bytes)
        append(":")
      }
      try write(element, of: bytes, depth: depth)
    }
    append(isArray ? "]" : "}")
  }

  private mutating func write(
    _ element: BSONElement, of bytes: UnsafeRawBufferPointer, depth: Int
  ) throws(BSONError) {
    let value = element.value
    let start = value.lowerBound
    switch element.type {
    case .double: writeDouble(Double(bitPattern: bytes.uint64(at: start)))
    case .string: try writeText(at: start, of: bytes)
    case .document: try write(value, of: bytes, isArray: false, depth: depth + 1)
    case .array: try write(value, of: bytes, isArray: true, depth: depth + 1)
    case .binary: writeBinary(value, of: bytes)
    case .undefined: append(#"{"$undefined":true}"#)
    case .objectID: writeObjectID(at: start, of: bytes)
    case .bool: append(bytes[start] == 0 ? "false" : "true")
    case .date: writeDate(Int64(bitPattern: bytes.uint64(at: start)))
    case .null: append("null")
    case .regex: try writeRegex(value, of: bytes)
    case .dbPointer:
      append(#"{"$dbPointer":{"$ref":"#)
      try writeText(at: start, of: bytes)
      append(#","$id":"#)
      writeObjectID(at: value.upperBound - 12, of: bytes)
      append("}}")
    case .javascript: try wrap("$code", textAt: start, of: bytes)
    case .symbol: try wrap("$symbol", textAt: start, of: bytes)
    case .javascriptWithScope:
      append(#"{"$code":"#)
      try writeText(at: start + 4, of: bytes)
      append(#","$scope":"#)
      let scope = BSONDecoding.scope(of: element, in: bytes)
      try write(scope, of: bytes, isArray: false, depth: depth + 1)
      append("}")
    case .int32: writeInteger("$numberInt", Int64(bytes.int32(at: start)))
    case .timestamp: writeTimestamp(BSONTimestamp(bits: bytes.uint64(at: start)))
    case .int64: writeInteger("$numberLong", Int64(bitPattern: bytes.uint64(at: start)))
    case .decimal128:
      let decimal = Decimal128(high: bytes.uint64(at: start + 8), low: bytes.uint64(at: start))
      wrap("$numberDecimal", decimal.description)
    case .minKey: append(#"{"$minKey":1}"#)
    case .maxKey: append(#"{"$maxKey":1}"#)
    }
  }

  private mutating func append(_ text: StaticString) {
    output.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Wraps a text that needs no escapes.
  private mutating func wrap(_ key: StaticString, _ plain: String) {
    append("{\"")
    append(key)
    append("\":\"")
    output.append(contentsOf: plain.utf8)
    append("\"}")
  }

  private mutating func wrap(
    _ key: StaticString, textAt start: Int, of bytes: UnsafeRawBufferPointer
  ) throws(BSONError) {
    append("{\"")
    append(key)
    append("\":")
    try writeText(at: start, of: bytes)
    append("}")
  }
}

// The values that are more than their text.
extension ExtendedJSONWriter {
  private mutating func writeInteger(_ key: StaticString, _ number: Int64) {
    guard format.mode == .canonical else { return output.append(contentsOf: String(number).utf8) }
    wrap(key, String(number))
  }

  private mutating func writeDouble(_ number: Double) {
    if number.isFinite, format.mode == .relaxed {
      return output.append(contentsOf: number.description.utf8)
    }
    let text =
      switch number {
      case .infinity: "Infinity"
      case -.infinity: "-Infinity"
      default: number.isNaN ? "NaN" : number.description
      }
    wrap("$numberDouble", text)
  }

  private mutating func writeDate(_ milliseconds: Int64) {
    append(#"{"$date":"#)
    if format.mode == .relaxed, let text = ISODate.text(milliseconds: milliseconds) {
      append("\"")
      output.append(contentsOf: text.utf8)
      append("\"")
    } else {
      wrap("$numberLong", String(milliseconds))
    }
    append("}")
  }

  private mutating func writeTimestamp(_ timestamp: BSONTimestamp) {
    append(#"{"$timestamp":{"t":"#)
    output.append(contentsOf: String(timestamp.seconds).utf8)
    append(#","i":"#)
    output.append(contentsOf: String(timestamp.increment).utf8)
    append("}}")
  }

  private mutating func writeObjectID(at offset: Int, of bytes: UnsafeRawBufferPointer) {
    append(#"{"$oid":""#)
    for byte in bytes[offset..<offset + 12] { writeHex(byte) }
    append("\"}")
  }

  private mutating func writeBinary(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) {
    append(#"{"$binary":{"base64":""#)
    let content = BSONDecoding.content(ofBinary: range, in: bytes)
    Base64.append(UnsafeRawBufferPointer(rebasing: bytes[content]), to: &output)
    append(#"","subType":""#)
    writeHex(bytes[range.lowerBound + 4])
    append(#""}}"#)
  }

  private mutating func writeRegex(
    _ range: Range<Int>, of bytes: UnsafeRawBufferPointer
  ) throws(BSONError) {
    let middle = bytes.firstNUL(in: range) ?? range.lowerBound
    append(#"{"$regularExpression":{"pattern":"#)
    try writeString(range.lowerBound..<middle, of: bytes)
    append(#","options":"#)
    try writeString(middle + 1..<range.upperBound - 1, of: bytes)
    append("}}")
  }

  private mutating func writeText(
    at start: Int, of bytes: UnsafeRawBufferPointer
  ) throws(BSONError) {
    try writeString(BSONDecoding.text(at: start, in: bytes), of: bytes)
  }

  private mutating func writeString(
    _ range: Range<Int>, of bytes: UnsafeRawBufferPointer
  ) throws(BSONError) {
    let text = UnsafeRawBufferPointer(rebasing: bytes[range])
    append("\"")
    if let offset = UTF8Check.firstError(in: text) {
      guard format.invalidText == .replace else {
        throw BSONError(.badUTF8, at: range.lowerBound + offset)
      }
      for byte in String(decoding: text, as: UTF8.self).utf8 { writeCharacter(byte) }
    } else {
      for byte in text { writeCharacter(byte) }
    }
    append("\"")
  }

  private mutating func writeCharacter(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append(#"\""#)
    case UInt8(ascii: "\\"): append(#"\\"#)
    case 0x0A: append(#"\n"#)
    case 0x0D: append(#"\r"#)
    case 0x09: append(#"\t"#)
    case 0..<0x20, 0x7F:
      append(#"\u00"#)
      writeHex(byte)
    default: output.append(byte)
    }
  }

  private mutating func writeHex(_ byte: UInt8) {
    output.append(Hex.digits[Int(byte >> 4)])
    output.append(Hex.digits[Int(byte & 15)])
  }
}
