import Glibc
import MigrationBasics
import MigrationLedger

/// The right to migrate into the target, and what a dead program may still have of it.
extension Ledger {
  /// Takes the target's lock. After a program of this machine was killed, the server may need a
  /// moment to notice, and that moment is waited for.
  package func lock(
    waitingFor host: String, while goesOn: () -> Bool = { true }, tell: (String) -> Void
  ) throws {
    let deadline = ContinuousClock.now + .seconds(15)
    var hasTold = false
    while true {
      do { return try lock() } catch let error as LedgerError {
        guard error.code == .heldByAnother, let holder = error.holder,
          holder.isGone(from: host), ContinuousClock.now < deadline, goesOn()
        else { throw error }
      }
      if !hasTold {
        tell("the previous run was killed; waiting for the server to notice")
        hasTold = true
      }
      WorkerThread.sleep(.milliseconds(100))
    }
  }
}

extension LockHolder {
  /// Whether it was a program of this machine that is not there any more.
  package func isGone(from host: String) -> Bool {
    guard let process, self.host == host else { return false }
    return kill(pid_t(process), 0) == -1 && errno == ESRCH
  }
}
