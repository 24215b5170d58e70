/// Shows one line of a text with a caret below the place that is meant.
enum TextExcerpt {
  private static let width = 96

  static func render(_ bytes: [UInt8], at position: TextPosition) -> String {
    let characters = line(position.line, of: bytes)
    let column = min(position.column - 1, characters.count)
    // A line of a machine-made file can be megabytes long: only a window of it is shown.
    let start = max(0, min(column - width / 2, characters.count - width))
    let end = min(characters.count, start + width)
    let label = "\(position.line)"
    let shown = String(String.UnicodeScalarView(characters[start..<end].map(\.printable)))
    let margin = String(repeating: " ", count: label.count)
    let indent = String(repeating: " ", count: column - start)
    return "  \(label) | \(shown)\n  \(margin) | \(indent)^"
  }

  private static func line(_ number: Int, of bytes: [UInt8]) -> [Unicode.Scalar] {
    var cursor = TextCursor(bytes)
    while cursor.position.line < number, cursor.current != nil { cursor.advance() }
    let start = cursor.offset
    while let byte = cursor.current, !byte.isLineEnd { cursor.advance() }
    return Array(cursor.text(from: start).unicodeScalars)
  }
}
