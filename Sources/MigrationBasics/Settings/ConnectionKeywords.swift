/// libpq's other way to name a database: `host=db.example dbname=crm user=loader`.
package enum ConnectionKeywords {
  package struct Pair: Hashable, Sendable {
    package let key: String
    package let value: String

    init(_ key: String, _ value: String) {
      self.key = key
      self.value = value
    }
  }

  /// Returns the pairs; nil if the text does not begin like a keyword string.
  package static func parse(_ text: String) throws(DatabaseURLError) -> [Pair]? {
    var cursor = TextCursor(Array(text.utf8))
    var pairs: [Pair] = []
    repeat {
      let key = readKey(&cursor)
      skipBlanks(&cursor)
      guard !key.isEmpty, cursor.take(UInt8(ascii: "=")) else {
        if pairs.isEmpty { return nil }
        throw .keywords
      }
      skipBlanks(&cursor)
      pairs.append(Pair(key, try readValue(&cursor)))
      skipBlanks(&cursor)
    } while cursor.current != nil
    // The names of hosts, databases and users are in many messages.
    let names: Set = ["host", "hostaddr", "port", "dbname", "user"]
    for pair in pairs where names.contains(pair.key) && pair.value.contains(where: ";&=".contains) {
      throw .keywords
    }
    return pairs
  }

  static func render(_ pairs: [Pair], redacting: Bool = false) -> String {
    pairs.map { pair in
      let isHidden = redacting && URLParameter.isHidden(pair.key, pair.value, .postgres)
      return "\(pair.key)=\(isHidden ? "***" : quoted(pair.value))"
    }.joined(separator: " ")
  }

  private static func quoted(_ value: String) -> String {
    let isPlain = value.utf8.allSatisfy { $0 > .space && ![.apostrophe, .backslash].contains($0) }
    if isPlain, !value.isEmpty { return value }
    let escaped = value.reduce(into: "") { result, character in
      result += (character == "'" || character == "\\" ? "\\" : "") + String(character)
    }
    return "'\(escaped)'"
  }

  private static func readKey(_ cursor: inout TextCursor) -> String {
    let start = cursor.offset
    while let byte = cursor.current, byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_") {
      cursor.advance()
    }
    return cursor.text(from: start)
  }

  private static func readValue(_ cursor: inout TextCursor) throws(DatabaseURLError) -> String {
    let isQuoted = cursor.take(.apostrophe)
    var value: [UInt8] = []
    while let byte = cursor.current {
      if isQuoted ? byte == .apostrophe : byte.isBlank || byte.isLineEnd { break }
      cursor.advance()
      if byte == .backslash, let escaped = cursor.current {
        value.append(escaped)
        cursor.advance()
      } else {
        value.append(byte)
      }
    }
    if isQuoted, !cursor.take(.apostrophe) { throw .keywords }
    return String(decoding: value, as: UTF8.self)
  }

  private static func skipBlanks(_ cursor: inout TextCursor) {
    while let byte = cursor.current, byte.isBlank || byte.isLineEnd { cursor.advance() }
  }
}
