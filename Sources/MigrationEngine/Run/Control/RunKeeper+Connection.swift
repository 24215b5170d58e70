import MigrationBasics
import MigrationLedger
import Postgres

/// The run's own connection, which holds the target's lock: how it is established again.
extension RunKeeper {
  /// Runs `body` on the ledger and repeats it after a lost connection, as often as
  /// lanes may repeat a chunk.
  ///
  /// - Parameter body: must be idempotent.
  func steadily<Value>(_ place: String, _ body: (Ledger) throws -> Value) throws -> Value {
    var failures = 0
    while true {
      do {
        try ensureConnection()
        return try body(ledger)
      } catch  where RunFailure.isTransient(error) {
        failures += 1
        guard failures <= migration.request.tuning.maximumRetries, !migration.request.dryRun,
          migration.control.wish != .cancel
        else { throw error }
        let wait = Backoff().wait(after: failures)
        migration.observer(
          .retrying(table: place, chunk: nil, failure: "\(error)", wait: wait))
        WorkerThread.sleep(wait)
      }
    }
  }

  /// Connects again if the connection is lost.
  ///
  /// The lock was lost with it; if another run has taken it, that run continues and this one ends.
  func ensureConnection() throws {
    guard !ledger.connection.isUsable else { return }
    let fresh = try migration.openTarget(isKeeper: true)
    do { try fresh.lock() } catch let error as LedgerError {
      guard error.code == .heldByAnother, let holder = error.holder, holder.backend == backend
      else { throw error }
      // The server has not noticed yet that the old connection is gone; it is this run's own.
      try fresh.connection.query("SELECT pg_terminate_backend($1::integer)", [holder.backend])
      WorkerThread.sleep(.milliseconds(200))
      try fresh.lock()
    }
    try fresh.continueRun(run.id)
    adopt(fresh)
  }
}
