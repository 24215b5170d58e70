import Foundation
import TestSupport

/// What NextCRM's collections and tables look like, read from `Tests/Fixtures/nextcrm.txt`.
struct NextCRMFacts {
  struct Column {
    let name, type: String
    let isNotNull: Bool
    let defaultValue: String?
    /// The field that it comes from; nil in a junction.
    let field: Field?
  }
  /// A field of a collection: `date?`, `objectId[]?`, `enum taskStatus`.
  struct Field {
    let name, type: String
    let isOptional: Bool
  }
  struct ForeignKey {
    let column, table, result, onDelete: String
  }
  struct Table {
    let name: String
    let phase: Int
    let key: [String]
    var columns: [Column] = []
    /// Fields that have no column: a junction has their values.
    var left: [Field] = []
    var foreignKeys: [ForeignKey] = []
    var indexes: [(columns: [String], isUnique: Bool)] = []
    /// Of a junction, the arrays that know its pairs: collection and field.
    var pairs: [(collection: String, field: String)] = []
    var isJunction: Bool { !pairs.isEmpty }
  }

  private(set) var enums: [(name: String, labels: [String])] = []
  private(set) var phases: [(number: Int, title: String)] = []
  private(set) var tables: [Table] = []

  static let shared: Result<NextCRMFacts, any Error> = Result {
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

  func table(_ name: String) -> Table? { tables.first { $0.name == name } }
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
