import MigrationPlan
import Postgres

/// Values that the target has more than once if its keys, its unique indexes or the plan allow them once.
///
/// Indexes are not relied on: one that is suspended, or was built on another collation, keeps nothing unique.
package struct TargetDuplicates: Sendable {
  /// How many keys and unique sets were checked.
  package private(set) var sets = 0
  package private(set) var findings: [ValidationFinding] = []
  /// Rows of each table.
  package private(set) var rows: [String: Int] = [:]

  package static func find(
    _ plan: Plan, in target: Connection, tables: [String]?
  ) throws -> TargetDuplicates {
    var found = TargetDuplicates()
    let schema = plan.target.schema
    for table in plan.tables where tables?.contains(table.name) ?? true {
      guard let live = try CatalogReader(target).table(schema: schema, named: table.name) else {
        found.findings.append(CountsLayer.noTable(table))
        continue
      }
      try found.look(at: table, live, target)
    }
    return found
  }

  private mutating func look(
    at table: TablePlan, _ live: PostgresTable, _ target: Connection
  ) throws {
    rows[table.name] =
      try target.query("SELECT count(*) FROM \(live.ownRows())").int(0, 0) ?? 0
    var seen: Set<Set<String>> = []
    for set in [live.primaryKey] + live.unique + table.unique
    where !set.isEmpty && set.allSatisfy({ live[$0] != nil }) && seen.insert(Set(set)).inserted {
      sets += 1
      if let finding = try RepeatedValues(set, in: live, target).finding(table) {
        findings.append(finding)
      }
    }
  }
}
