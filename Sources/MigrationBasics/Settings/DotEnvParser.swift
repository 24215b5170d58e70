/// Reads the lines of one `.env` file.
struct DotEnvParser {
  private var cursor: TextCursor
  private let file: String

  init(_ bytes: [UInt8], file: String) {
    cursor = TextCursor(bytes)
    self.file = file
  }

  mutating func parseFile() throws(ParseError) -> [DotEnvFile.Entry] {
    var entries: [DotEnvFile.Entry] = []
    while cursor.current != nil {
      skipBlanks()
      if cursor.current == UInt8(ascii: "#") { skipLine() }
      if let byte = cursor.current, !byte.isLineEnd { entries.append(try parseEntry()) }
      cursor.advance()
    }
    return entries
  }

  private mutating func parseEntry() throws(ParseError) -> DotEnvFile.Entry {
    let line = cursor.position.line
    var name = readName()
    skipBlanks()
    if name == "export", cursor.current != UInt8(ascii: "=") {
      name = readName()
      skipBlanks()
    }
    guard !name.isEmpty else {
      throw failure(
        "the name of a variable (letters, digits and \"_\"), a comment or an empty line")
    }
    // What reads like a name may be a line of a key whose quote was never opened: it is not shown.
    guard cursor.take(UInt8(ascii: "=")) else { throw failure("\"=\" after the variable's name") }
    return DotEnvFile.Entry(name: name, value: try parseValue(of: name), line: line)
  }

  private mutating func readName() -> String {
    let start = cursor.offset
    while let byte = cursor.current {
      let isLater = cursor.offset > start
      let isPunctuation = [UInt8(ascii: "."), UInt8(ascii: "-")].contains(byte)
      guard
        byte.isLetter || byte == UInt8(ascii: "_")
          || (isLater && (byte.isDigit || isPunctuation))
      else { break }
      cursor.advance()
    }
    return cursor.text(from: start)
  }

  private mutating func parseValue(of name: String) throws(ParseError) -> String {
    let start = cursor.offset
    skipBlanks()
    // A "#" right after "=" belongs to the value, as in a shell.
    if cursor.offset > start, cursor.current == UInt8(ascii: "#") {
      skipLine()
      return ""
    }
    guard let quote = cursor.current, quote == .quote || quote == .apostrophe else {
      return try parseBareValue(of: name)
    }
    let value = try parseQuotedValue(of: name, quote)
    skipBlanks()
    if cursor.current == UInt8(ascii: "#") { skipLine() }
    if let byte = cursor.current, !byte.isLineEnd {
      let kind = quote == .quote ? "double" : "single"
      throw failure("the end of the line after the closing \(kind) quote of \(name)")
    }
    return value
  }

  private mutating func parseBareValue(of name: String) throws(ParseError) -> String {
    var value: [UInt8] = []
    while let byte = cursor.current, !byte.isLineEnd {
      if byte == UInt8(ascii: "#"), value.last?.isBlank == true { break }
      value.append(try checked(byte, in: name))
      cursor.advance()
    }
    skipLine()
    while value.last?.isBlank == true { value.removeLast() }
    return String(decoding: value, as: UTF8.self)
  }

  private mutating func parseQuotedValue(
    of name: String, _ quote: UInt8
  ) throws(ParseError) -> String {
    let opening = cursor.position
    var value: [UInt8] = []
    cursor.advance()
    while let byte = cursor.current, byte != quote {
      if quote == .quote, byte == .backslash, let escaped = cursor.peek().flatMap(escape) {
        value.append(escaped)
        cursor.advance(2)
      } else {
        // Line ends inside a value are the same on all systems.
        let isPair = byte == .carriageReturn && cursor.peek() == .lineFeed
        if !isPair { value.append(try checked(byte, in: name)) }
        cursor.advance()
      }
    }
    guard cursor.take(quote) else {
      let kind = quote == .quote ? "double" : "single"
      throw failure("a closing \(kind) quote for \(name), opened here", at: opening)
    }
    return String(decoding: value, as: UTF8.self)
  }

  private func escape(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "n"): .lineFeed
    case UInt8(ascii: "r"): .carriageReturn
    case UInt8(ascii: "t"): .tab
    case .backslash, .quote, UInt8(ascii: "$"): byte
    default: nil
    }
  }

  /// A NUL byte would end the value early wherever it is handed to a C library.
  private func checked(_ byte: UInt8, in name: String) throws(ParseError) -> UInt8 {
    guard byte != 0 else { throw failure("no NUL byte in \(name)") }
    return byte
  }

  private mutating func skipBlanks() {
    while cursor.current?.isBlank == true { cursor.advance() }
  }

  private mutating func skipLine() {
    while let byte = cursor.current, !byte.isLineEnd { cursor.advance() }
  }

  private func failure(_ expected: String, at position: TextPosition? = nil) -> ParseError {
    ParseError(file: file, position: position ?? cursor.position, expected: expected)
  }
}
