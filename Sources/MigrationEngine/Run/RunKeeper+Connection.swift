import MigrationBasics
import MigrationLedger
import Postgres

/// The keeper's connection, which holds the target's lock: how it is come by again.
extension RunKeeper {
  /// Does something through the ledger, again where the connection broke on the way, as often as
  /// lanes may repeat a chunk.
  ///
  /// - Parameter body: must do no harm when it is done twice.
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

  /// Connects again where the connection is lost.
  ///
  /// The lock went with it; whoever took it meanwhile goes on, and this run ends.
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
