/// The way from the root of a JSON text to one of its values, such as `tables[2].columns.email`.
package indirect enum JSONPath: Hashable, Sendable, CustomStringConvertible {
  case root
  case member(of: JSONPath, key: String)
  case element(of: JSONPath, index: Int)

  package var description: String {
    switch self {
    case .root: return ""
    case .element(let parent, let index): return "\(parent)[\(index)]"
    case .member(let parent, let key):
      guard Self.isPlain(key) else { return "\(parent)[\(JSONValue.text(key).compact)]" }
      return parent == .root ? key : "\(parent).\(key)"
    }
  }

  private static func isPlain(_ key: String) -> Bool {
    !key.isEmpty && key.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
  }
}
