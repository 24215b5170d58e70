/// A value of a document, or what a rule makes of one, in the property test of paths.
public indirect enum PathValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int)
  case long(Int)
  case double(Double)
  case text(String)
  /// A text that is the JSON of a value.
  case json(PathValue)
  /// An ObjectId, by its 24 digits.
  case id(String)
  case document([Member])
  case array([PathValue])

  public struct Member: Hashable, Sendable {
    public let key: String
    public let value: PathValue

    public init(_ key: String, _ value: PathValue) { (self.key, self.value) = (key, value) }
  }

  public var isNull: Bool { self == .null }

  /// The number that it is; nil for anything else.
  var number: Double? {
    switch self {
    case .int(let number), .long(let number): Double(number)
    case .double(let number): number
    default: nil
    }
  }

  /// The value as canonical extended JSON.
  public var extendedJSON: String {
    switch self {
    case .null: "null"
    case .bool(let bool): "\(bool)"
    case .int(let number): "{\"$numberInt\":\"\(number)\"}"
    case .long(let number): "{\"$numberLong\":\"\(number)\"}"
    case .double(let number): "{\"$numberDouble\":\"\(number)\"}"
    case .text(let text): Self.quoted(text)
    case .json(let value): Self.quoted(value.plainJSON)
    case .id(let digits): "{\"$oid\":\"\(digits)\"}"
    case .document(let members):
      "{" + members.map { Self.quoted($0.key) + ":" + $0.value.extendedJSON }.joined(separator: ",")
        + "}"
    case .array(let values): "[" + values.map(\.extendedJSON).joined(separator: ",") + "]"
    }
  }

  /// The value as the JSON that docs/types.md describes: a double that is whole with a point.
  public var plainJSON: String {
    switch self {
    case .null: "null"
    case .bool(let bool): "\(bool)"
    case .int(let number), .long(let number): "\(number)"
    case .double(let number): "\(number)"
    case .text(let text): Self.quoted(text)
    case .json(let value): Self.quoted(value.plainJSON)
    case .id(let digits): Self.quoted(digits)
    case .document(let members):
      "{" + members.map { Self.quoted($0.key) + ":" + $0.value.plainJSON }.joined(separator: ",")
        + "}"
    case .array(let values): "[" + values.map(\.plainJSON).joined(separator: ",") + "]"
    }
  }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text.unicodeScalars {
      switch character {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default: result.unicodeScalars.append(character)
      }
    }
    return result + "\""
  }
}
