import MigrationPlan
import MigrationRows
import Postgres

/// A value of the target that the plan makes of the source, and that may be null in every row by mistake.
struct FedValue {
  let column: String
  /// The keys under which it is in the column's JSON.
  let keys: [String]
  /// What is null if the value is.
  let sql: String

  /// The values of a column that some feed makes of its source's rows.
  static func values(of column: PostgresColumn, _ table: TablePlan) throws -> [FedValue] {
    let rules = table.feeds.compactMap { feed in
      feed.columns.first { $0.column == column.name }?.rule
    }
    let name = "t." + (try SQL.identifier(column.name))
    guard !rules.isEmpty else { return [] }
    var found: [FedValue] = []
    if !column.isNotNull, rules.contains(where: { $0.readsSource && !$0.buildsJSON }) {
      found.append(FedValue(column: column.name, keys: [], sql: name))
    }
    let form = WireForm(column.type)
    guard form == .jsonb || form == .json, rules.count == 1 else { return found }
    return found
      + rules[0].membersOfSource.map { keys in
        let path = keys.map { SQL.literal($0) }.joined(separator: ", ")
        return FedValue(
          column: column.name, keys: keys,
          sql: "nullif((\(name) #> ARRAY[\(path)]::text[])::text, 'null')")
      }
  }

  func finding(_ table: TablePlan, _ what: String) -> ValidationFinding {
    let label = ([column] + keys).joined(separator: ".")
    return ValidationFinding(
      .warning, .data, table: table.name, column: column, "\(table.name).\(label) \(what)",
      count: 0,
      remedy: "see what its rule reads: migrate plan explain \(table.command); "
        + "nothing, if the source has no values")
  }
}

extension Rule {
  /// Whether the value is an object or array that the plan builds, which is never null.
  fileprivate var buildsJSON: Bool {
    switch self {
    case .object, .array: true
    case .step(let rule, _): rule.buildsJSON
    default: false
    }
  }

  /// The keys that lead to values of the source in the JSON that the rule builds.
  fileprivate var membersOfSource: [[String]] {
    switch self {
    case .object(let members): members.flatMap { Self.members($0.key, $0.rule) }
    case .array(let rules): rules.enumerated().flatMap { Self.members("\($0)", $1) }
    case .step(let rule, .required): rule.membersOfSource
    default: []
    }
  }

  private static func members(_ key: String, _ rule: Rule) -> [[String]] {
    switch rule {
    case .object, .array: rule.membersOfSource.map { [key] + $0 }
    default: rule.readsSource ? [[key]] : []
    }
  }
}
