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

  /// Sets rows of cells in columns as wide as their widest cell; the first row is a heading.
  static func table(_ rows: [[String]]) -> String {
    guard let heading = rows.first else { return "" }
    let widths = heading.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
        .joined(separator: "  ").trimmingSuffix(while: { $0 == " " })
    }
    return lines.map(String.init).joined(separator: "\n")
  }
}

extension String {
  fileprivate func trimmingSuffix(while isBlank: (Character) -> Bool) -> Substring {
    var rest = self[...]
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }
}
