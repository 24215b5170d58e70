import MigrationLedger
import Postgres

/// Corrupted rows in the row counts.
extension Ledger {
  /// Takes back what a look had entered.
  func forgetCorrupted(table: TableID) throws(PostgresError) {
    try connection.query(
      "DELETE FROM \(names.quarantine) WHERE table_id = $1 AND status = 'corrupted'", [table])
  }

  /// Enters the corrupted rows of a table, as they are in the target: to be seen, or, when they are
  /// deleted from it, to be loaded again. Then they are rows that their chunks have quarantined.
  func enterCorrupted(
    _ table: CorruptedTable, as status: QuarantinedRow.Status
  ) throws(PostgresError) {
    // Those that a retry had loaded have their entries; see `reopenCorrupted`.
    let which = status == .open ? "WHERE retried IS NULL" : ""
    let hint =
      status == .open
      ? "the row was deleted from the target; load it again: migrate retry"
      : "the row is still in the target; delete it: migrate rollback --corrupted"
    try connection.query(
      """
      INSERT INTO \(names.quarantine)
        (table_id, feed, chunk, key, row, code, reason, column_name, hint, status)
      SELECT $1, feed, chunk, key, coalesce(found, 'null'), 'ERR_009',
        CASE WHEN place IS NULL THEN 'gone' WHEN columns IS NULL THEN 'rewritten'
          ELSE 'corrupted' END,
        CASE WHEN place IS NOT NULL THEN columns END, $2, $3
      FROM \(table.collection) \(which) ORDER BY feed, chunk, shown
      """, [table.state.id, hint, status.rawValue])
    guard status == .open else { return }
    try connection.query(
      """
      UPDATE \(names.chunk) k SET rows_loaded = rows_loaded - c.rows,
        rows_quarantined = rows_quarantined + c.rows
      FROM (SELECT chunk, count(*) AS rows FROM \(table.collection) WHERE retried IS NULL
        GROUP BY chunk) c
      WHERE k.table_id = $1 AND k.number = c.chunk
      """, [table.state.id])
  }

  /// Opens the entries again of rows that a retry had loaded.
  func reopenCorrupted(_ table: CorruptedTable) throws(PostgresError) {
    try connection.query(
      """
      UPDATE \(names.quarantine) q SET status = 'open', closed = NULL,
        note = 'loaded by a retry; deleted again, because it was corrupted'
      FROM \(table.collection) c WHERE q.id = c.retried
      """)
  }
}
