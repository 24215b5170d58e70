/// Reads JSON, turning the objects that represent a BSON type into values of it.
///
/// libbson's parser is not used: it refuses queries such as `{"a":{"$type":2}}`.
struct ExtendedJSONParser {
  private let text: [UInt8]
  private var position = 0
  private var depth = 0
  /// Wrappers add up to three levels of text to a document of the deepest nesting allowed.
  private static let depthLimit = BSONLimits.depth + 3

  init(_ text: [UInt8]) { self.text = text }

  mutating func parseDocument() throws(ExtendedJSONError) -> BSONDocument {
    skipSpace()
    guard peek == UInt8(ascii: "{") else { throw failure("expected { at the start of a document") }
    let document = try parseFields()
    skipSpace()
    guard peek == nil else { throw failure("text after the document") }
    return document
  }

  private mutating func parseValue() throws(ExtendedJSONError) -> BSONValue {
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"):
      let start = position
      let document = try parseFields()
      do throws(ExtendedJSONWrapper.Refusal) {
        return try ExtendedJSONWrapper.value(of: document) ?? .document(document)
      } catch {
        throw ExtendedJSONError(reason: "\(error.key) with an invalid value", offset: start)
      }
    case UInt8(ascii: "["): return .array(try parseArray())
    case UInt8(ascii: "\""): return .string(BSONText(bytes: try parseString()))
    case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    default: return try parseNumber()
    }
  }

  private mutating func parseFields() throws(ExtendedJSONError) -> BSONDocument {
    var builder = BSONBuilder()
    try parseList(closedBy: "}") { parser throws(ExtendedJSONError) in
      guard parser.peek == UInt8(ascii: "\"") else { throw parser.failure("expected a key") }
      let key = BSONText(bytes: try parser.parseString())
      guard !key.containsNUL else { throw parser.failure("a key cannot hold a NUL") }
      parser.skipSpace()
      guard parser.take(":") else { throw parser.failure("expected :") }
      builder.append(key, try parser.parseValue())
    }
    return builder.document
  }

  private mutating func parseArray() throws(ExtendedJSONError) -> BSONArray {
    var values: [BSONValue] = []
    try parseList(closedBy: "]") { parser throws(ExtendedJSONError) in
      values.append(try parser.parseValue())
    }
    return BSONArray(values)
  }

  /// Parses what is between an opening bracket, commas and a closing bracket.
  private mutating func parseList(
    closedBy end: Unicode.Scalar,
    item: (inout ExtendedJSONParser) throws(ExtendedJSONError) -> Void
  ) throws(ExtendedJSONError) {
    depth += 1
    guard depth <= Self.depthLimit else { throw failure("nested too deeply") }
    position += 1
    skipSpace()
    if !take(end) {
      repeat {
        skipSpace()
        try item(&self)
        skipSpace()
      } while take(",")
      guard take(end) else { throw failure("expected a comma or \(end)") }
    }
    depth -= 1
  }

  private mutating func parseWord(
    _ word: StaticString, _ value: BSONValue
  ) throws(ExtendedJSONError) -> BSONValue {
    let count = word.utf8CodeUnitCount
    let wanted = UnsafeBufferPointer(start: word.utf8Start, count: count)
    guard text[position...].starts(with: wanted) else { throw failure("expected a value") }
    position += count
    return value
  }

  private mutating func parseNumber() throws(ExtendedJSONError) -> BSONValue {
    guard let number = JSONNumber(text[position...]) else { throw failure("expected a value") }
    position += number.text.count
    let digits = String(decoding: number.text, as: UTF8.self)
    if number.isInteger, let whole = Int64(digits) { return BSONValue(whole) }
    guard let double = Double(digits), double.isFinite else {
      throw failure("the number is too large")
    }
    return .double(double)
  }

  private mutating func parseString() throws(ExtendedJSONError) -> [UInt8] {
    let start = position
    var string = JSONString(text, at: position + 1)
    do throws(JSONString.Refusal) {
      let bytes = try string.parse()
      position = string.position
      return bytes
    } catch {
      throw ExtendedJSONError(reason: error.reason, offset: max(start, string.position))
    }
  }

  private var peek: UInt8? { position < text.count ? text[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private func failure(_ reason: String) -> ExtendedJSONError {
    ExtendedJSONError(reason: reason, offset: position)
  }
}
