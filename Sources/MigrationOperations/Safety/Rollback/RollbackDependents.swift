import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// A table whose rows the rollback deletes.
package protocol RowsToDelete {
  var name: QualifiedName { get }
  var live: PostgresTable { get }
  /// The condition that a row goes.
  func goes(_ alias: String) -> String
}

/// Finds what has come to depend on rows that are to go.
struct RollbackDependents {
  let ledger: Ledger
  /// All tables of which rows are to go.
  let tables: [any RowsToDelete]
  /// All foreign keys that lead to them.
  let foreignKeys: [ForeignKeyEnds]

  /// Rows that stay and refer to rows that go.
  ///
  /// - Parameter parents: the only tables whose rows are checked.
  func rows(referringTo parents: [any RowsToDelete]) throws -> [RollbackObstacle] {
    var found: [RollbackObstacle] = []
    let children = try CatalogReader(ledger.connection).ownRows(of: foreignKeys.map(\.child))
    for (foreignKey, child) in zip(foreignKeys, children) {
      guard let child, let parent = parents.first(where: { $0.name == foreignKey.parent }) else {
        continue
      }
      if let obstacle = try self.obstacle(foreignKey, child, parent) { found.append(obstacle) }
    }
    return found
  }

  private func obstacle(
    _ foreignKey: ForeignKeyEnds, _ childRows: String, _ parent: any RowsToDelete
  ) throws -> RollbackObstacle? {
    let child = tables.first { $0.name == foreignKey.child }
    let stays = child.map { "NOT \($0.goes("c")) AND " } ?? ""
    let rows =
      """
      FROM \(childRows) c WHERE \(stays)(\(foreignKey.childColumns)) IN (
        SELECT \(foreignKey.parentColumns) FROM \(try parent.live.ownRows()) p WHERE \(parent.goes("p")))
      """
    let count = try ledger.connection.query("SELECT count(*) \(rows)").int(0, 0) ?? 0
    guard count > 0 else { return nil }
    let live = try CatalogReader(ledger.connection).table(
      schema: foreignKey.child.schema, named: foreignKey.child.name)
    let key = try live?.keyText("c") ?? "c.ctid::text"
    let shown = try ledger.connection.query("SELECT \(key) \(rows) LIMIT 5")
    let examples = shown.rows.compactMap { $0.text(0) }
    return RollbackObstacle(
      table: foreignKey.child.name,
      what:
        "\(CountText.of(count, "remaining row")) of \(foreignKey.child) would become orphans of "
        + "\(parent.name) (\(foreignKey.name)): " + examples.joined(separator: ", "),
      count: count, examples: examples,
      remedy: child == nil
        ? "delete these rows or change their references, then try again"
        : "changed or added rows of \(foreignKey.child) are kept; change their references, "
          + "delete them, or also delete changed rows: --force")
  }

  /// Tables of the session that the plan looks up in one that goes, and that are to stay.
  static func tables(
    leftBehind progress: [TableProgress], by chosen: [TableState], _ plan: Plan
  ) -> [RollbackObstacle] {
    let going = Set(chosen.map(\.name))
    var left: [(table: String, lost: Set<String>)] = []
    var needed = going
    for table in PlanOrder(plan.tables).tables where !going.contains(table.name) {
      let isThere = progress.contains { $0.table.name == table.name && $0.chunksDone > 0 }
      let lost = table.referencedTables.intersection(needed)
      guard isThere, !lost.isEmpty else { continue }
      needed.insert(table.name)
      left.append((table.name, lost))
    }
    let list = needed.sorted().joined(separator: ",")
    return left.map { table, lost in
      RollbackObstacle(
        table: table,
        what:
          "\(table) remains, but its rows were made from rows of \(lost.sorted().joined(separator: ", "))",
        count: 0, examples: [],
        remedy: "roll these back together: migrate rollback --tables \(list)")
    }
  }
}
