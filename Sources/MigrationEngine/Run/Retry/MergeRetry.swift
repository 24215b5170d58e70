import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// Tries the orphans of a merged table again: those whose ends are there by now go into the target.
///
/// The quarantine holds the whole row, so that nothing has to be read from the source.
struct MergeRetry {
  private let plan: TablePlan
  private let table: TableID
  private let schema: String
  private let ledger: Ledger
  private let fingerprintKey: [UInt8]?

  init(
    _ plan: TablePlan, _ state: TableState, schema: String, _ ledger: Ledger,
    fingerprintKey: [UInt8]?
  ) {
    (self.plan, self.table, self.schema, self.ledger) = (plan, state.id, schema, ledger)
    self.fingerprintKey = fingerprintKey
  }

  func run() throws -> QuarantineRetry.Outcome {
    var outcome = QuarantineRetry.Outcome(table: plan.name)
    outcome.loaded = try ledger.atomically {
      try ledger.beginWrite(.retry, table: table)
      let loaded = try loadThoseWithEnds()
      guard loaded > 0 else {
        try ledger.cancelWrite(table: table)
        return loaded
      }
      try ledger.endWrite(table: table, into: name)
      let rows = try CatalogReader(ledger.connection).ownRows(of: [name])[0] ?? name.quoted()
      try LateFingerprints(ledger, table: table, rows: rows, key: fingerprintKey)?.settle()
      return loaded
    }
    outcome.failed = try noteTheOthers()
    return outcome
  }

  private var name: QualifiedName { QualifiedName(schema: schema, name: plan.name) }

  /// Loads rows and notes those that the target has already, which a rollback must not take for the migration's.
  ///
  /// - Returns: How many entries it closed.
  private func loadThoseWithEnds() throws -> Int {
    let live = try CatalogReader(ledger.connection).table(schema: schema, named: plan.name)
    let columns = plan.feeds.first?.columns.map(\.column) ?? []
    let list = try SQL.identifiers(columns)
    let target = try name.quoted()
    let same = try columns.map { column in
      let equals = live?[column]?.type.sign("=") ?? "="
      let column = try SQL.identifier(column)
      return "t.\(column) \(equals) w.\(column)"
    }
    let there =
      "(SELECT FROM \(try live?.ownRows() ?? target) t WHERE \(same.joined(separator: " AND ")))"
    let found = try ledger.connection.executeOnOwnPath(
      """
      WITH ready AS MATERIALIZED (
        SELECT q.id AS migrate_entry, q.key AS migrate_key, r.* FROM \(ledger.names.quarantine) q
        CROSS JOIN LATERAL pg_catalog.jsonb_populate_record(NULL::\(target), q.key) r
        WHERE q.table_id = \(table) AND q.status = 'open'
          AND q.reason = \(SQL.literal(Reason.orphan.name))\(try endsAreThere(live))
        FOR UPDATE OF q SKIP LOCKED),
      wanted AS MATERIALIZED (
        SELECT DISTINCT \(list) FROM ready w WHERE NOT EXISTS \(there)),
      loaded AS (
        INSERT INTO \(target) (\(list)) OVERRIDING SYSTEM VALUE SELECT \(list) FROM wanted
        ON CONFLICT DO NOTHING RETURNING 1),
      present AS (
        INSERT INTO \(ledger.names.mergePresent) (table_id, key)
        SELECT \(table), w.migrate_key FROM ready w WHERE EXISTS \(there)),
      closed AS (
        UPDATE \(ledger.names.quarantine) q SET status = 'retried', closed = pg_catalog.clock_timestamp(),
          retry_xid = pg_catalog.txid_current(), note = 'loaded by a retry'
        FROM ready WHERE q.id = ready.migrate_entry RETURNING 1)
      SELECT (SELECT pg_catalog.count(*) FROM closed), (SELECT pg_catalog.count(*) FROM loaded),
        (SELECT pg_catalog.count(*) FROM wanted)
      """)
    try ChunkLoad.check(found.int(0, 1) ?? 0, found.int(0, 2) ?? 0, name)
    return found.int(0, 0) ?? 0
  }

  private func endsAreThere(_ live: PostgresTable?) throws -> String {
    var conditions: Set<String> = []
    for column in plan.feeds.first?.columns ?? [] {
      for end in column.rule.references {
        let parent = try SQL.identifier(schema: schema, end.table)
        let (name, key) = (try SQL.identifier(column.column), try SQL.identifier(end.result))
        let equals = live?[column.column]?.type.sign("=") ?? "="
        conditions.insert(
          " AND (r.\(name) IS NULL OR EXISTS "
            + "(SELECT FROM \(parent) p WHERE p.\(key) \(equals) r.\(name)))")
      }
    }
    return conditions.sorted().joined()
  }

  private func noteTheOthers() throws -> Int {
    try ledger.connection.query(
      """
      UPDATE \(ledger.names.quarantine) SET retries = retries + 1
      WHERE table_id = $1 AND status = 'open'
      """, [table]
    ).affectedRows
  }
}
