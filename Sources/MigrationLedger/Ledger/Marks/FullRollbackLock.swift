import Glibc
import MigrationBasics
import Postgres

/// The right to work on a full rollback: an advisory lock on the number of the previous database.
///
/// Such locks are known to the whole server but shut out only sessions of the same database, so
/// a program that takes one also looks for those of others.
package struct FullRollbackLock {
  /// "MIGF" in ASCII.
  private static let family: Int32 = 0x4D49_4746
  private static let patience = Duration.seconds(15)

  /// A query for the sessions that hold the lock of a database, for an expression of its number.
  package static func holders(_ database: String) -> String {
    """
    SELECT FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
      AND l.classid = \(family)::bigint::oid AND l.objid = \(database)
      AND l.pid <> pg_catalog.pg_backend_pid()
    """
  }

  /// Takes the lock for this session, until it ends.
  ///
  /// The server may need a moment to notice that a killed program is gone; that is waited for.
  package static func take(_ connection: Connection, _ database: Int, last: FullRollbackState?)
    throws
  {
    let deadline = ContinuousClock.now + patience
    while try !tryOnce(connection, database) {
      guard let last, isGone(last), ContinuousClock.now < deadline else {
        throw refusal(last, database)
      }
      WorkerThread.sleep(.milliseconds(100))
    }
  }

  private static func tryOnce(_ connection: Connection, _ database: Int) throws -> Bool {
    let key = Int32(truncatingIfNeeded: database)
    let taken = try connection.query("SELECT pg_try_advisory_lock($1, $2)", [family, key])
    guard taken.bool(0, 0) == true else { return false }
    let others = try connection.query(
      "SELECT EXISTS (\(holders("$1::bigint::oid")))", [database])
    guard others.bool(0, 0) == true else { return true }
    try connection.query("SELECT pg_advisory_unlock($1, $2)", [family, key])
    return false
  }

  private static func isGone(_ last: FullRollbackState) -> Bool {
    last.host == OperatorName.host && kill(pid_t(last.process), 0) == -1 && errno == ESRCH
  }

  private static func refusal(_ last: FullRollbackState?, _ database: Int) -> LedgerError {
    let who = last.map { "\($0.host), process \($0.process)" } ?? "a program"
    return LedgerError(
      .heldByAnother, "another full rollback of this target is running: \(who)",
      place: "database number \(database)", remedy: "wait until it ends; see: migrate status")
  }
}
