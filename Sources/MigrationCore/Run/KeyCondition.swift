import Postgres

/// Finds one source row by the key that the quarantine keeps.
enum KeyCondition {
  static func make(_ key: JSONValue, _ feed: FeedWork) throws -> String? {
    guard case .object(let object) = EscapedText.decode(key), !feed.feed.key.isEmpty else {
      return nil
    }
    var parts: [String] = []
    for name in feed.feed.key {
      guard let text = object[name].flatMap(text), let type = feed.source[name]?.type.name else {
        return nil
      }
      parts.append("\(try SQL.identifier(name)) = \(SQL.literal(text))::\(type)")
    }
    return "(" + parts.joined(separator: " AND ") + ")"
  }

  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .text(let text), .numeral(let text): text
    case .int(let number): "\(number)"
    case .bool(let bool): bool ? "true" : "false"
    default: nil
    }
  }
}
