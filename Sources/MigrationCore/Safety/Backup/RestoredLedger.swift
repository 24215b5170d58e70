import Postgres

/// The ledger after a restore: what it says of rows must not be taken for what it said before.
struct RestoredLedger {
  let connection: Connection
  let schema: String

  /// - Parameter isRestored: whether the backup has a ledger; else there may be a later one.
  func mend(isRestored: Bool, _ note: (String) -> Void) throws {
    try isRestored ? forgetTransactions() : endLaterSession(note)
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

  /// A ledger that the backup does not know tells of rows that are gone now.
  private func endLaterSession(_ note: (String) -> Void) throws {
    let ledger = try Ledger(connection, schema: schema)
    guard case .current = try ledger.condition(), let open = try ledger.latestOpenSession() else {
      return
    }
    try ledger.endSession(open.id, as: .abandoned)
    note("session \(open.id), which was begun after the backup, is given up")
  }
}
