import Foundation

/// What NextCRM's collections and tables look like, read from `Tests/Fixtures/nextcrm.txt`.
public struct NextCRMFacts: Sendable {
  public struct Column: Sendable {
    public let name, type: String
    public let isNotNull: Bool
    public let defaultValue: String?
    /// The field that it comes from; nil in a junction.
    public let field: Field?
  }
  /// A field of a collection: `date?`, `objectId[]?`, `enum taskStatus`.
  public struct Field: Sendable {
    public let name, type: String
    public let isOptional: Bool
  }
  public struct ForeignKey: Sendable {
    public let column, table, result, onDelete: String
  }
  public struct Table: Sendable {
    public let name: String
    public let phase: Int
    public let key: [String]
    public var columns: [Column] = []
    /// Fields that have no column: a junction has their values.
    public var left: [Field] = []
    public var foreignKeys: [ForeignKey] = []
    public var indexes: [(columns: [String], isUnique: Bool)] = []
    /// Of a junction, the arrays that know its pairs: collection and field.
    public var pairs: [(collection: String, field: String)] = []
    public var isJunction: Bool { !pairs.isEmpty }
  }

  public private(set) var enums: [(name: String, labels: [String])] = []
  public private(set) var phases: [(number: Int, title: String)] = []
  public private(set) var tables: [Table] = []

  public static let shared: Result<NextCRMFacts, any Error> = Result {
    let file = packageRoot + "/Tests/Fixtures/nextcrm.txt"
    return NextCRMFacts(try String(contentsOfFile: file, encoding: .utf8))
  }

  init(_ text: String) {
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ").map(String.init)
      let rest = line.split(separator: ":", maxSplits: 1).last.map { String($0.dropFirst()) } ?? ""
      let name = words.count > 1 ? String(words[1].drop { $0 == ":" }.prefix { $0 != ":" }) : ""
      switch words[0] {
      case "enum": enums.append((name, rest.split(separator: " ").map(String.init)))
      case "phase": phases.append((Int(name) ?? 0, rest))
      case "table":
        tables.append(
          Table(name: name, phase: phases.last?.number ?? 0, key: Array(words.dropFirst(2))))
      default: tables[tables.count - 1].read(words)
      }
    }
  }

  public func table(_ name: String) -> Table? { tables.first { $0.name == name } }
}

extension NextCRMFacts.Table {
  fileprivate mutating func read(_ words: [String]) {
    switch words[0] {
    case "left": left.append(Self.field(words[1], Array(words.dropFirst(3))))
    case "foreign":
      let end = words[2].split(separator: ".").map(String.init)
      foreignKeys.append(
        .init(
          column: String(words[1].dropLast()), table: end[0], result: end[1],
          onDelete: words.dropFirst(3).joined(separator: " ")))
    case "index", "unique":
      indexes.append((Array(words.dropFirst()), words[0] == "unique"))
    case "pairs":
      pairs = words.dropFirst().map { word in
        let parts = word.split(separator: ".").map(String.init)
        return (parts[0], parts[1])
      }
    default: columns.append(Self.column(words))
    }
  }

  /// Reads `createdAt: timestamp(3)! = CURRENT_TIMESTAMP <- date?`.
  private static func column(_ words: [String]) -> NextCRMFacts.Column {
    let name = String(words[0].dropLast())
    let source = words.firstIndex(of: "<-")
    let own = words[..<(source ?? words.count)]
    let type = own[1]
    return .init(
      name: name, type: type.hasSuffix("!") ? String(type.dropLast()) : type,
      isNotNull: type.hasSuffix("!"),
      defaultValue: own.firstIndex(of: "=").map { own[($0 + 1)...].joined(separator: " ") },
      field: source.map { field(name == "id" ? "_id" : name, Array(words[($0 + 1)...])) })
  }

  private static func field(_ name: String, _ words: [String]) -> NextCRMFacts.Field {
    let type = words.joined(separator: " ")
    return .init(
      name: name, type: type.hasSuffix("?") ? String(type.dropLast()) : type,
      isOptional: type.hasSuffix("?"))
  }
}
