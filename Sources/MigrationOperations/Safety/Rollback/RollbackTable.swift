import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// A table whose rows the rollback deletes, with the condition that identifies them.
package struct RollbackTable: RowsToDelete {
  package let state: TableState
  package let plan: TablePlan
  package let live: PostgresTable
  package let rows: SessionRows
  /// Whether rows go too that were rewritten since; they are in a temporary table by their places.
  var takesChanged = false
  /// Whether those are among them that others wrote, and not only those that a trigger of the load wrote.
  var takesOthers = false

  package var name: QualifiedName { QualifiedName(schema: live.schema, name: live.name) }

  /// The temporary table with the places of rows that others changed.
  var changedName: String { "pg_temp.migrate_changed_\(state.id)" }

  /// The condition that a row goes.
  package func goes(_ alias: String) -> String {
    guard takesChanged else { return rows.own(alias) }
    return "(\(rows.own(alias)) OR (\(alias).tableoid, \(alias).ctid) IN "
      + "(SELECT relation, place FROM \(changedName)))"
  }

  /// The same table with all that the session loaded, if only a part is to go.
  package var whole: RollbackTable {
    RollbackTable(
      state: state, plan: plan, live: live,
      rows: SessionRows(ledger: rows.ledger, table: rows.table, span: rows.span))
  }

  /// How the rows of a table stand.
  package struct Counts: Sendable, Hashable {
    package let all: Int
    package let own: Int
    /// Rows that others wrote since the session began, or triggers in its transactions; those that they changed
    /// are among them.
    package let foreign: Int
  }

  package func counts(_ connection: Connection) throws -> Counts {
    let found = try connection.query(
      """
      SELECT count(*), count(*) FILTER (WHERE \(rows.own("t"))),
        count(*) FILTER (WHERE \(rows.foreign("t"))) FROM \(try live.ownRows()) t
      """)
    return Counts(
      all: found.int(0, 0) ?? 0, own: found.int(0, 1) ?? 0, foreign: found.int(0, 2) ?? 0)
  }

  /// Refuses if more rows show a transaction than its chunks loaded: then others show it too.
  ///
  /// Only a row that is more than four thousand million transactions old can do that, or a trigger
  /// that adds rows of its own.
  func requireOwnTransactions(_ ledger: Ledger) throws {
    try requireKnownTransactions(ledger)
    let found = try ledger.connection.query(
      """
      SELECT c.id, c.loaded, r.found FROM (
        SELECT xid & 4294967295 AS id, sum(rows_loaded)::bigint AS loaded FROM \(ledger.names.chunk)
        WHERE table_id = $1 AND xid IS NOT NULL AND xid NOT IN (
          SELECT xid FROM \(ledger.names.write) WHERE table_id = $1) GROUP BY 1) c
      JOIN (
        SELECT t.xmin::text::bigint AS id, count(*) AS found FROM \(try live.ownRows()) t
        WHERE \(rows.own("t")) GROUP BY 1) r ON r.id = c.id
      WHERE r.found > c.loaded LIMIT 1
      """, [state.id])
    guard let row = found.rows.first else { return }
    throw Ledger.untellable(
      "transaction \(row.number(0)) loaded \(CountText.of(row.number(1), "row")) into \(name), and "
        + "\(CountText.of(row.number(2), "row has its id", "rows have its id"))")
  }

  /// A ledger that came back with a backup has forgotten which transactions wrote the rows.
  private func requireKnownTransactions(_ ledger: Ledger) throws {
    let forgotten = try ledger.connection.query(
      """
      SELECT EXISTS (SELECT FROM \(ledger.names.chunk)
        WHERE table_id = $1 AND status = 'done' AND rows_loaded > 0 AND xid IS NULL)
      """, [state.id])
    guard forgotten.bool(0, 0) == true else { return }
    throw Ledger.untellable(
      "the ledger was restored from a backup or a dump and does not know which transactions wrote "
        + "rows of \(name)")
  }
}
