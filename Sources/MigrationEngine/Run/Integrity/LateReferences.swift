import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// References among tables that refer to themselves or to each other in a circle.
///
/// While such a table is loaded, the row that is referred to may still come. So the references are
/// looked after when all tables of the circle are loaded, and before the foreign keys come back. So are
/// columns that are copied as they are, while their foreign key is off and can't refuse a row.
struct LateReferences {
  struct Reference: Hashable {
    /// The place of the table that refers in the circle, and of the one that is referred to.
    let from: Int
    let to: Int
    let column: String
    let result: String
    let orphan: FailurePolicy
  }

  /// The tables of the circle, in the order of loading; behind them others that they refer to.
  private(set) var tables: [PostgresTable]
  private(set) var references: [Reference]
  /// For each table, one more with rows that it will have; only in a dry run.
  var rehearsed: [String?] = []

  /// - Parameter keys: foreign keys that are off their tables.
  init(
    _ circle: [TablePlan], _ target: Connection, schema: String, keys: [CopiedKey] = []
  ) throws {
    var tables: [PostgresTable] = []
    for plan in circle {
      let live = try CatalogReader(target).table(schema: schema, named: plan.name)
      tables.append(
        live ?? PostgresTable(schema: schema, name: plan.name, columns: [], primaryKey: []))
    }
    var references: [Reference] = []
    // The references of a merged table are looked after when its rows are merged.
    for (from, plan) in circle.enumerated() where plan.merge == nil {
      for rule in plan.feeds.flatMap(\.columns) {
        for reference in rule.rule.references {
          guard let to = circle.firstIndex(where: { $0.name == reference.table }) else { continue }
          let isRequired = tables[from][rule.column]?.isNotNull ?? false
          let found = Reference(
            from: from, to: to, column: rule.column, result: reference.result,
            orphan: isRequired && reference.orphan == .null ? .quarantine : reference.orphan)
          if !references.contains(found) { references.append(found) }
        }
      }
    }
    (self.tables, self.references) = (tables, references)
    for key in keys { try add(key, circle, target) }
    rehearsed = self.tables.map { _ in nil }
  }

  /// Adds what a foreign key would refuse, if the plan copies its column. What was looked up is there.
  private mutating func add(_ key: CopiedKey, _ circle: [TablePlan], _ target: Connection) throws {
    guard let from = circle.indices.first(where: { tables[$0].qualifiedName == key.table }),
      circle[from].merge == nil,
      circle[from].feeds.flatMap(\.columns).contains(where: {
        $0.column == key.column && !$0.rule.isLookup(of: key.referenced.name)
      }),
      !references.contains(where: { $0.from == from && $0.column == key.column })
    else { return }
    let to =
      try tables.firstIndex { $0.qualifiedName == key.referenced } ?? append(key.referenced, target)
    references.append(
      Reference(from: from, to: to, column: key.column, result: key.result, orphan: .quarantine))
  }

  private mutating func append(_ name: QualifiedName, _ target: Connection) throws -> Int {
    tables.append(
      try CatalogReader(target).table(schema: name.schema, named: name.name)
        ?? PostgresTable(schema: name.schema, name: name.name, columns: [], primaryKey: []))
    return tables.count - 1
  }
}
