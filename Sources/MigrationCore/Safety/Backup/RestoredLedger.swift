import Postgres

/// The ledger after a restore: what it says of rows must not be taken for what it said before.
struct RestoredLedger {
  let connection: Connection
  let schema: String

  /// - Parameter isRestored: whether the backup has sessions; else there may be later ones.
  func mend(isRestored: Bool, _ note: (String) -> Void) throws {
    try isRestored ? forgetTransactions() : endLaterSessions(note)
  }

  /// The rows that came back were written by the restore. A rollback knows rows by the transactions
  /// that wrote them: on this server the old numbers may be those of anybody.
  private func forgetTransactions() throws {
    let names = try Ledger(connection, schema: schema).names
    for (table, statement) in [
      (names.chunk, "UPDATE \(names.chunk) SET xid = NULL WHERE xid IS NOT NULL"),
      (names.write, "DELETE FROM \(names.write)"),
    ] {
      // A ledger of an older version has fewer tables.
      let isThere = try connection.query("SELECT pg_catalog.to_regclass($1) IS NOT NULL", [table])
      if isThere.bool(0, 0) == true { try connection.execute(statement) }
    }
  }

  /// Sessions that the backup does not know tell of rows that are gone now.
  private func endLaterSessions(_ note: (String) -> Void) throws {
    let ledger = try Ledger(connection, schema: schema)
    guard case .current = try ledger.condition() else { return }
    let given = try connection.query(
      """
      UPDATE \(ledger.names.session)
      SET status = 'abandoned', ended = coalesce(ended, pg_catalog.clock_timestamp())
      WHERE status <> 'abandoned' RETURNING id
      """)
    for row in given.rows {
      note("session \(row.number(0)), which was begun after the backup, is given up")
    }
  }
}
