import Glibc
import Postgres

/// The right to migrate into the target, and what a dead program may still have of it.
extension MigrationRun {
  /// Takes the target's lock. After a program of this machine was killed, the server may need a
  /// moment to notice, and that moment is waited for.
  func takeLock(_ ledger: Ledger) throws {
    let deadline = ContinuousClock.now + .seconds(15)
    var hasTold = false
    while true {
      do { return try ledger.lock() } catch let error as LedgerError {
        guard error.code == .heldByAnother, let holder = error.holder, isGone(holder),
          ContinuousClock.now < deadline, control.wish == .goOn
        else { throw error }
      }
      if !hasTold {
        observer(.warning("the run before was killed; waiting for the server to notice"))
        hasTold = true
      }
      WorkerThread.sleep(.milliseconds(100))
    }
  }

  private func isGone(_ holder: LockHolder) -> Bool {
    guard let process = holder.process, holder.host == identity.host else { return false }
    return kill(pid_t(process), 0) == -1 && errno == ESRCH
  }

  /// Lets the server notice within a second that this program is gone, also in the middle of a long
  /// statement. Versions before 14 can't, nor can some systems: then it takes until the statement ends.
  static func watchClient(_ connection: Connection) {
    _ = try? connection.execute("SET client_connection_check_interval = '1s'")
  }
}
