extension JSON5Parser {
  /// Reads a string in either kind of quotes.
  mutating func parseString() throws(ParseError) -> String {
    let opening = cursor.position
    let quote = cursor.current
    var text: [UInt8] = []
    cursor.advance()
    while let byte = cursor.current, byte != quote {
      if byte == .backslash {
        try parseEscape(into: &text)
      } else if byte.isLineEnd {
        throw failure("the closing quote of the text that begins at \(opening)")
      } else if isStrict, byte < .space {
        throw failure("an escape such as \\u0000 in place of a control character")
      } else {
        text.append(byte)
        cursor.advance()
      }
    }
    guard cursor.current != nil else {
      throw failure("the closing quote of the text that begins at \(opening)")
    }
    cursor.advance()
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func parseEscape(into text: inout [UInt8]) throws(ParseError) {
    let place = cursor.position
    cursor.advance()
    guard let byte = cursor.current else { throw failure("a character after \"\\\"") }
    if let plain = plainEscape(byte) {
      text.append(plain)
      cursor.advance()
    } else if byte == UInt8(ascii: "u") {
      cursor.advance()
      append(try parseUnicodeEscape(at: place), to: &text)
    } else if isStrict {
      throw failure("one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u", at: place)
    } else {
      try parseLooseEscape(byte, at: place, into: &text)
    }
  }

  private func plainEscape(_ byte: UInt8) -> UInt8? {
    switch byte {
    case .quote, .backslash, UInt8(ascii: "/"): byte
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): .lineFeed
    case UInt8(ascii: "r"): .carriageReturn
    case UInt8(ascii: "t"): .tab
    default: nil
    }
  }

  /// The escapes that JSON5 adds: `\v`, `\0`, `\x41`, a line that continues, any other character.
  private mutating func parseLooseEscape(
    _ byte: UInt8, at place: TextPosition, into text: inout [UInt8]
  ) throws(ParseError) {
    switch byte {
    case UInt8(ascii: "v"):
      text.append(0x0B)
      cursor.advance()
    case UInt8(ascii: "0") where cursor.peek()?.isDigit != true:
      text.append(0)
      cursor.advance()
    case UInt8(ascii: "x"):
      cursor.advance()
      append(Unicode.Scalar(UInt8(try parseHexDigits(2))), to: &text)
    case .lineFeed, .carriageReturn:
      cursor.advance()
      if byte == .carriageReturn { _ = cursor.take(.lineFeed) }
    case _ where byte.isDigit:
      throw failure("no digit after \"\\\"", at: place)
    default:
      guard let scalar = cursor.scalar else { return }
      cursor.advance(UTF8.width(scalar))
      if scalar != "\u{2028}", scalar != "\u{2029}" { append(scalar, to: &text) }
    }
  }

  /// Reads the digits after `\u`, and the second half when they are the first of a pair.
  mutating func parseUnicodeEscape(at place: TextPosition) throws(ParseError) -> Unicode.Scalar {
    let first = try parseHexDigits(4)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, cursor.take("\\u") else {
      throw failure("both halves of a surrogate pair", at: place)
    }
    let second = try parseHexDigits(4)
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw failure("both halves of a surrogate pair", at: place) }
    return scalar
  }

  private mutating func parseHexDigits(_ count: Int) throws(ParseError) -> UInt32 {
    var number: UInt32 = 0
    for _ in 0..<count {
      guard let digit = cursor.current?.hexValue else {
        throw failure("\(count) hexadecimal digits")
      }
      number = number << 4 | UInt32(digit)
      cursor.advance()
    }
    return number
  }

  func append(_ scalar: Unicode.Scalar, to text: inout [UInt8]) {
    text.append(contentsOf: String(scalar).utf8)
  }
}
