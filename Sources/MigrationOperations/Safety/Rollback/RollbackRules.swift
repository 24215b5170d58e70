import MigrationPlan

/// Finds rules of tables (`CREATE RULE`) that rewrite the statement by which their rows would be deleted.
///
/// TRUNCATE does not follow rules, but whether a table can be emptied so is only known when its turn has come.
enum RollbackRules {
  static func obstacles(_ tables: [any RowsToDelete]) throws -> [RollbackObstacle] {
    try tables.compactMap { table in
      let rules = table.live.rules(on: .delete)
      guard !rules.isEmpty else { return nil }
      return RollbackObstacle(
        table: table.live.name,
        what: "\(table.name) has \(rules.words), which rewrites what a rollback deletes by",
        count: 0, examples: [],
        remedy: "switch it off for the rollback, and on again after it (ENABLE RULE): "
          + (try rules.switchingOff(table.live)))
    }
  }
}
