extension JSON5Parser {
  /// Steps over spaces, line ends and, in JSON5, comments.
  mutating func skipBlanks() throws(ParseError) {
    while let byte = cursor.current {
      if byte.isBlank || byte.isLineEnd {
        cursor.advance()
      } else if isStrict {
        return
      } else if byte == UInt8(ascii: "/") {
        try skipComment()
      } else if let width = rareBlankWidth(byte) {
        cursor.advance(width)
      } else {
        return
      }
    }
  }

  private mutating func skipComment() throws(ParseError) {
    let start = cursor.position
    if cursor.take("//") {
      while let byte = cursor.current, !byte.isLineEnd { cursor.advance() }
    } else if cursor.take("/*") {
      while !cursor.take("*/") {
        guard cursor.current != nil else {
          throw failure("\"*/\" to end the comment that begins at \(start)")
        }
        cursor.advance()
      }
    } else {
      throw failure("a value or a comment")
    }
  }

  /// The blanks beyond JSON's that JSON5 allows: vertical tab, form feed, Unicode spaces.
  private func rareBlankWidth(_ byte: UInt8) -> Int? {
    if byte == 0x0B || byte == 0x0C { return 1 }
    guard byte >= 0x80, let scalar = cursor.scalar else { return nil }
    let isBlank =
      scalar.properties.generalCategory == .spaceSeparator
      || ["\u{2028}", "\u{2029}", "\u{FEFF}"].contains(scalar)
    return isBlank ? UTF8.width(scalar) : nil
  }

  /// Reads a key, quoted or, in JSON5, a name as JavaScript has them.
  mutating func parseKey() throws(ParseError) -> String {
    if cursor.current == .quote || (!isStrict && cursor.current == .apostrophe) {
      return try parseString()
    }
    guard !isStrict else { throw failure("a key in double quotes") }
    var name: [UInt8] = []
    while let scalar = cursor.scalar {
      let place = cursor.position
      if scalar == "\\" {
        guard cursor.take("\\u") else { throw failure("\"\\u\" and four digits") }
        let escaped = try parseUnicodeEscape(at: place)
        guard isNamePart(escaped, first: name.isEmpty) else {
          throw failure("a letter in the key", at: place)
        }
        append(escaped, to: &name)
      } else if isNamePart(scalar, first: name.isEmpty) {
        append(scalar, to: &name)
        cursor.advance(UTF8.width(scalar))
      } else {
        break
      }
    }
    guard !name.isEmpty else { throw failure("a key or \"}\"") }
    return String(decoding: name, as: UTF8.self)
  }

  private func isNamePart(_ scalar: Unicode.Scalar, first: Bool) -> Bool {
    if scalar == "$" || scalar == "_" { return true }
    if first { return scalar.properties.isIDStart }
    return scalar.properties.isIDContinue || scalar == "\u{200C}" || scalar == "\u{200D}"
  }
}
