/// Tells where a text stopped making sense, and what was expected there.
public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
  public let file: String?
  public let position: TextPosition
  public let expected: String
  public let found: String?
  /// The line with a caret below it; nil for files that hold secrets.
  public let excerpt: String?

  public init(
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
  public var summary: String {
    let place = file.map { "\($0):\(position)" } ?? "line \(position.line):\(position.column)"
    return "\(place): expected \(expected)" + (found.map { ", found \($0)" } ?? "")
  }

  public var description: String { summary + (excerpt.map { "\n" + $0 } ?? "") }
}
