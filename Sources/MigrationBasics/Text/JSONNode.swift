/// A value read from a JSON or JSON5 text, which knows its path and where it is.
package struct JSONNode: Hashable, Sendable {
  /// What the value is.
  package enum Content: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case text(String)
    case array([JSONNode])
    case object([Member])
  }

  /// A key of an object, where it is, and its value.
  package struct Member: Hashable, Sendable {
    package let key: String
    package let keyPosition: TextPosition
    package let value: JSONNode

    package init(key: String, keyPosition: TextPosition, value: JSONNode) {
      self.key = key
      self.keyPosition = keyPosition
      self.value = value
    }

  }

  package let content: Content
  package let position: TextPosition
  package let path: JSONPath
  package let file: String?

  /// What the value is, in a word for error messages.
  package var kindName: String {
    switch content {
    case .null: "null"
    case .bool(let bool): bool ? "true" : "false"
    case .number: "a number"
    case .text: "text"
    case .array: "a list"
    case .object: "an object"
    }
  }

  package var isNull: Bool { content == .null }

  /// The value without its positions.
  package var value: JSONValue {
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
