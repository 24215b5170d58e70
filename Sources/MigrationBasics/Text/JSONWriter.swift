/// Renders JSON values as text.
package struct JSONWriter: Sendable {
  /// How the text is laid out.
  package enum Style: Sendable {
    /// On one line, without spaces: for logs and lines of a file.
    case compact
    /// Two spaces per level, a line per value: for people and diffs.
    case pretty
  }

  private let style: Style
  private var output: [UInt8] = []
  private var depth = 0

  private init(_ style: Style) { self.style = style }

  /// Returns a value as JSON, without a newline at the end.
  package static func render(_ value: JSONValue, _ style: Style = .compact) -> String {
    var writer = JSONWriter(style)
    writer.write(value)
    return String(decoding: writer.output, as: UTF8.self)
  }

  private mutating func write(_ value: JSONValue) {
    switch value {
    case .null: append("null")
    case .bool(let bool): append(bool ? "true" : "false")
    case .int(let int): append("\(int)")
    case .double(let double): append(double.isFinite ? "\(double)" : "null")
    case .numeral(let text) where JSONValue.isNumeral(text): append(text)
    case .numeral(let text), .text(let text): writeText(text)
    case .array(let elements):
      writeList("[", elements, "]") { $0.write($1) }
    case .object(let object):
      writeList("{", object.members, "}") { writer, member in
        writer.writeText(member.key)
        writer.append(writer.style == .pretty ? ": " : ":")
        writer.write(member.value)
      }
    }
  }

  private mutating func writeList<Item>(
    _ open: String, _ items: [Item], _ close: String,
    writeItem: (inout JSONWriter, Item) -> Void
  ) {
    append(open)
    depth += 1
    for (index, item) in items.enumerated() {
      if index > 0 { append(",") }
      breakLine()
      writeItem(&self, item)
    }
    depth -= 1
    if !items.isEmpty { breakLine() }
    append(close)
  }

  private mutating func breakLine() {
    guard style == .pretty else { return }
    output.append(.lineFeed)
    output.append(contentsOf: repeatElement(.space, count: depth * 2))
  }

  private mutating func writeText(_ text: String) {
    output.append(.quote)
    for scalar in text.unicodeScalars { writeScalar(scalar) }
    output.append(.quote)
  }

  private mutating func writeScalar(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\"": append("\\\"")
    case "\\": append("\\\\")
    case "\n": append("\\n")
    case "\r": append("\\r")
    case "\t": append("\\t")
    // The control characters beyond ASCII's, and the two line ends that JavaScript knows, are
    // legal in JSON but mislead terminals and scripts.
    case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
      let digits = String(scalar.value, radix: 16)
      append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
    default: output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
  }

  private mutating func append(_ text: String) { output.append(contentsOf: text.utf8) }
}

extension JSONValue {
  /// The value on one line.
  package var compact: String { JSONWriter.render(self, .compact) }

  /// The value laid out for people.
  package var pretty: String { JSONWriter.render(self, .pretty) }
}
