import MigrationPlan

extension Checking {
  /// Rows that a migration calls safe must survive a crash.
  mutating func unlogged(_ names: Set<String>, _ tables: [TablePlan]) {
    for table in tables where names.contains(table.name) {
      error(
        table.place,
        "\(plan.target.schema).\(table.name) is UNLOGGED: a crash of the server would delete "
          + "its rows, although they are committed",
        "change it before the load: ALTER TABLE … SET LOGGED (for a partitioned table, each partition)"
      )
    }
  }
}
