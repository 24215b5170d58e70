import MigrationLedger
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
  /// A ledger of an older version is distinguished from others when a run upgrades it.
  private func forgetTransactions() throws {
    let ledger = try Ledger(connection, schema: schema)
    guard case .current = try ledger.condition() else { return }
    try ledger.atomically { try ledger.forgetTransactions() }
  }

  /// Sessions that the backup does not have refer to rows that no longer exist.
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
      note("session \(row.number(0)) is abandoned: it started after the backup")
    }
  }
}
