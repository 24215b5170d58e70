import MigrationBasics
import MigrationLedger

/// The state of a migration, read from the ledger and nothing else.
package struct MigrationStatus: Sendable {
  package let session: Session
  /// The run that works now; nil if there is none.
  package let holder: LockHolder?
  package let tables: [TableProgress]
  package let sheets: [RowCounts]
  /// The sources of the table, if one was asked for.
  package let feeds: [FeedProgress]
  /// Rows that wait in the quarantine.
  package let openRows: Int
  /// Indexes and constraints that are off their tables.
  package let setAside: Int
  /// A rollback that was begun and has not come to its end.
  package let rollback: RollbackRecord?
  /// Other sessions, of parts of the rows, that are unfinished or whose rows are in the target.
  package let parts: [Session]
  /// The session of the run that is at work; nil if none is, or it has not begun.
  package let runningSession: SessionID?

  /// Reads a session's state.
  ///
  /// - Parameter table: the only table to check; nil checks all.
  package static func read(
    _ session: Session, _ ledger: Ledger, table: String? = nil
  ) throws -> MigrationStatus {
    let tables = try ledger.progress(session: session.id)
    if let table, !tables.contains(where: { $0.table.name == table }) {
      let known = tables.map(\.table.name)
      throw MigrationError(
        .failed, "table \"\(table)\" is not in the session",
        remedy: nearest(to: table, in: known).map { "did you mean \($0)?" }
          ?? "tables: \(known.joined(separator: ", "))")
    }
    let sheets = try ledger.balance(session: session.id)
    let isWanted = { (name: String) in table == nil || name == table }
    return MigrationStatus(
      session: session, holder: try ledger.lockHolder(),
      tables: tables.filter { isWanted($0.table.name) },
      sheets: sheets.filter { isWanted($0.table) },
      feeds: try table.flatMap { name in tables.first { $0.table.name == name } }
        .map { try ledger.feedProgress(table: $0.table.id) } ?? [],
      openRows: sheets.filter { isWanted($0.table) }.reduce(0) { $0 + $1.open },
      setAside: try SuspendedObjects(ledger).pendingRestores().count,
      rollback: try ledger.unfinishedRollback(),
      parts: try ledger.parts().filter { $0.id != session.id },
      runningSession: try ledger.runningRun()?.session)
  }
}
