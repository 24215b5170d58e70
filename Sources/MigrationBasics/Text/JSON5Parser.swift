/// Reads one text by recursive descent; strings, numbers and blanks are in the extensions.
struct JSON5Parser {
  var cursor: TextCursor
  let file: String?
  let dialect: JSON5.Dialect

  init(_ bytes: [UInt8], file: String?, dialect: JSON5.Dialect) {
    cursor = TextCursor(bytes)
    self.file = file
    self.dialect = dialect
  }

  var isStrict: Bool { dialect == .json }

  mutating func parseDocument() throws(ParseError) -> JSONNode {
    try skipBlanks()
    let node = try parseValue(at: .root, depth: 0)
    try skipBlanks()
    guard cursor.current == nil else { throw failure("the end of the text") }
    return node
  }

  private mutating func parseValue(at path: JSONPath, depth: Int) throws(ParseError) -> JSONNode {
    let position = cursor.position
    guard depth <= JSON5.maximumDepth else {
      throw failure("at most \(JSON5.maximumDepth) levels of nesting")
    }
    let content = try parseContent(at: path, depth: depth)
    return JSONNode(content: content, position: position, path: path, file: file)
  }

  private mutating func parseContent(
    at path: JSONPath, depth: Int
  ) throws(ParseError) -> JSONNode.Content {
    switch cursor.current {
    case UInt8(ascii: "{"): return try parseObject(at: path, depth: depth)
    case UInt8(ascii: "["): return try parseArray(at: path, depth: depth)
    case .quote: return .text(try parseString())
    case .apostrophe where !isStrict: return .text(try parseString())
    case let byte? where startsNumber(byte): return .number(try parseNumber())
    default: return try parseWord()
    }
  }

  private mutating func parseArray(
    at path: JSONPath, depth: Int
  ) throws(ParseError) -> JSONNode.Content {
    var elements: [JSONNode] = []
    cursor.advance()
    try skipBlanks()
    while !cursor.take(UInt8(ascii: "]")) {
      let place = JSONPath.element(of: path, index: elements.count)
      elements.append(try parseValue(at: place, depth: depth + 1))
      try parseSeparator(before: UInt8(ascii: "]"))
    }
    return .array(elements)
  }

  private mutating func parseObject(
    at path: JSONPath, depth: Int
  ) throws(ParseError) -> JSONNode.Content {
    var members: [JSONNode.Member] = []
    var known: [String: TextPosition] = [:]
    cursor.advance()
    try skipBlanks()
    while !cursor.take(UInt8(ascii: "}")) {
      let position = cursor.position
      let key = try parseKey()
      if let first = known.updateValue(position, forKey: key) {
        let found = "\"\(key)\" again (first at \(first))"
        throw failure("each key once", found: found, at: position)
      }
      try skipBlanks()
      guard cursor.take(UInt8(ascii: ":")) else { throw failure("\":\" after the key") }
      try skipBlanks()
      let value = try parseValue(at: .member(of: path, key: key), depth: depth + 1)
      members.append(JSONNode.Member(key: key, keyPosition: position, value: value))
      try parseSeparator(before: UInt8(ascii: "}"))
    }
    return .object(members)
  }

  /// Steps over a comma, or stops at the bracket that ends the list.
  private mutating func parseSeparator(before close: UInt8) throws(ParseError) {
    let bracket = String(UnicodeScalar(close))
    try skipBlanks()
    if cursor.current == close { return }
    guard cursor.take(UInt8(ascii: ",")) else { throw failure("\",\" or \"\(bracket)\"") }
    try skipBlanks()
    if isStrict, cursor.current == close {
      throw failure("another item after \",\"")
    }
  }

  private mutating func parseWord() throws(ParseError) -> JSONNode.Content {
    let start = cursor
    let word = readIdentifierLetters()
    switch word {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    default:
      cursor = start
      throw failure("a value", found: word.isEmpty ? nil : "\"\(word.prefix(40))\"")
    }
  }

  private mutating func readIdentifierLetters() -> String {
    let start = cursor.offset
    while let byte = cursor.current, byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_") {
      cursor.advance()
    }
    return cursor.text(from: start)
  }

  /// Creates the error about the place where the cursor is, or an earlier one.
  func failure(
    _ expected: String, found: String? = nil, at position: TextPosition? = nil
  ) -> ParseError {
    let place = position ?? cursor.position
    return ParseError(
      file: file, position: place, expected: expected, found: found ?? foundHere,
      excerpt: TextExcerpt.render(cursor.bytes, at: place))
  }

  private var foundHere: String {
    guard let scalar = cursor.scalar else { return "the end of the text" }
    if scalar == "\n" || scalar == "\r" { return "the end of the line" }
    if scalar.properties.generalCategory == .control || scalar.properties.isWhitespace {
      return "U+" + String(scalar.value, radix: 16, uppercase: true)
    }
    return "\"\(scalar)\""
  }
}
