/// Reports where a text stopped making sense, and what was expected there.
package struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
  package let file: String?
  package let position: TextPosition
  package let expected: String
  package let found: String?
  /// The line with a caret below it; nil for files that hold secrets.
  package let excerpt: String?

  package init(
    file: String?, position: TextPosition, expected: String, found: String? = nil,
    excerpt: String? = nil
  ) {
    self.file = file
    self.position = position
    self.expected = expected
    self.found = found
    self.excerpt = excerpt
  }

  /// The error on one line, without the excerpt.
  package var summary: String {
    let place = file.map { "\($0):\(position)" } ?? "line \(position.line):\(position.column)"
    return "\(place): expected \(expected)" + (found.map { ", found \($0)" } ?? "")
  }

  package var description: String { summary + (excerpt.map { "\n" + $0 } ?? "") }
}
