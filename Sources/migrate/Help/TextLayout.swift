/// Wraps text at word boundaries and sets two columns side by side.
enum TextLayout {
  static func wrap(_ text: String, width: Int, indent: String = "") -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, indent.count + line.count + 1 + word.count > width {
        lines.append(indent + line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    if !line.isEmpty { lines.append(indent + line) }
    return lines.joined(separator: "\n")
  }

  /// Sets terms in a left column and their descriptions, wrapped, in a right one.
  static func columns(_ rows: [(String, String)], width: Int) -> String {
    let left = min(rows.map(\.0.count).max() ?? 0, 30)
    let indent = String(repeating: " ", count: left + 4)
    return rows.map { term, description in
      let wrapped = wrap(description, width: width, indent: indent)
      let head = "  " + term
      guard head.count + 2 <= indent.count else { return head + "\n" + wrapped }
      return head + wrapped.dropFirst(head.count)
    }.joined(separator: "\n")
  }
}
