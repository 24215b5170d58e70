import Postgres

/// Target tables that a crash of their server empties.
enum UnloggedTables {
  /// Returns those of some tables that are UNLOGGED, or have partitions that are.
  static func among(
    _ names: [String], schema: String, _ target: Connection
  ) throws(PostgresError) -> Set<String> {
    let found = try target.query(
      """
      SELECT c.relname FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p')
        AND (c.relpersistence = 'u' OR EXISTS (
          SELECT FROM pg_catalog.pg_partition_tree(c.oid) p
            JOIN pg_catalog.pg_class part ON part.oid = p.relid
          WHERE part.relpersistence = 'u'))
      """, [schema, names])
    return Set(found.rows.map { $0.string(0) })
  }
}

extension Checking {
  /// Rows that a migration calls safe must survive a crash.
  mutating func unlogged(_ names: Set<String>, _ tables: [TablePlan]) {
    for table in tables where names.contains(table.name) {
      error(
        table.place,
        "\(plan.target.schema).\(table.name) is UNLOGGED: a crash of the server would empty it, "
          + "and its rows would be gone although they are committed",
        "make it safe before the load: ALTER TABLE … SET LOGGED (of a partitioned table, each partition)"
      )
    }
  }
}

extension MigrationRun {
  /// Refuses to call tables loaded that a crash of the server has emptied since.
  ///
  /// Only UNLOGGED tables can lose committed rows so; they were made so after they were begun, or begun by an
  /// older program.
  func requireRowsOfUnlogged(_ session: Session, _ ledger: Ledger) throws {
    guard !request.dryRun else { return }
    let schema = request.plan.target.schema
    let names = try UnloggedTables.among(
      request.plan.tables.map(\.name), schema: schema, ledger.connection)
    guard !names.isEmpty else { return }
    let lost = try StateCheck(
      ledger, session, request.plan, checkpoint: CheckpointFile("")
    ).lostRows(of: names)
    guard lost.isEmpty else {
      throw MigrationError(
        .coded(.corruption), lost.joined(separator: "; "), reason: "unloggedEmptied",
        place: ledger.connection.facts.database,
        remedy:
          "a crash of the server empties UNLOGGED tables; make them safe (ALTER TABLE … SET LOGGED) and "
          + "start over: migrate run --fresh --empty-tables")
    }
    observer(
      .warning(
        "\(names.sorted().joined(separator: ", ")): UNLOGGED; a crash of the server would empty what is loaded; "
          + "make it safe: ALTER TABLE … SET LOGGED"))
  }
}
