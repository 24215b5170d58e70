/// A value read from a JSON or JSON5 text, which knows its path and where it stands.
public struct JSONNode: Hashable, Sendable {
  /// What the value is.
  public enum Content: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case text(String)
    case array([JSONNode])
    case object([Member])
  }

  /// A key of an object, where it stands, and its value.
  public struct Member: Hashable, Sendable {
    public let key: String
    public let keyPosition: TextPosition
    public let value: JSONNode
  }

  public let content: Content
  public let position: TextPosition
  public let path: JSONPath
  public let file: String?

  /// What the value is, in a word for error messages.
  public var kindName: String {
    switch content {
    case .null: "null"
    case .bool(let bool): bool ? "true" : "false"
    case .number: "a number"
    case .text: "text"
    case .array: "a list"
    case .object: "an object"
    }
  }

  public var isNull: Bool { content == .null }

  /// The value without its positions.
  public var value: JSONValue {
    switch content {
    case .null: .null
    case .bool(let bool): .bool(bool)
    case .number(let number): number.value
    case .text(let text): .text(text)
    case .array(let elements): .array(elements.map(\.value))
    case .object(let members):
      .object(JSONObject(members.map { ($0.key, $0.value.value) }))
    }
  }
}
