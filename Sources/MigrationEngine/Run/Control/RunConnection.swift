import MigrationBasics
import MigrationLedger
import Postgres

/// The run's own connection, which holds the target's lock, and how it is established again.
final class RunConnection {
  private(set) var ledger: Ledger
  /// The server's process that serves the ledger's connection, also when that is lost.
  private var backend: Int
  let run: Run
  private let tools: RunTools
  private let isDryRun: Bool
  /// How often something is tried again before the run ends.
  var maximumRetries: Int

  init(_ ledger: Ledger, _ run: Run, _ tools: RunTools, _ request: RunRequest) {
    (self.ledger, self.run, self.tools) = (ledger, run, tools)
    (isDryRun, maximumRetries) = (request.dryRun, request.settings.maximumRetries)
    backend = Int(ledger.connection.facts.backendPID)
    tools.control.statements.enter(lane: 0, ledger.connection)
  }

  /// Runs `body` on the ledger and repeats it after a lost connection, as often as
  /// lanes may repeat a chunk.
  ///
  /// - Parameter body: must be idempotent.
  func retryOnConnectionLoss<Value>(
    _ place: String, _ body: (Ledger) throws -> Value
  ) throws -> Value {
    var failures = 0
    while true {
      do {
        try ensureConnection()
        return try body(ledger)
      } catch  where RunFailure.isTransient(error) {
        failures += 1
        guard failures <= maximumRetries, !isDryRun, tools.control.stopLevel != .cancel
        else { throw error }
        let wait = Backoff().wait(after: failures)
        tools.observer(.retrying(table: place, chunk: nil, failure: "\(error)", wait: wait))
        WorkerThread.sleep(wait)
      }
    }
  }

  /// Connects again if the connection is lost.
  ///
  /// The lock was lost with it; if another run has taken it, that run continues and this one ends.
  func ensureConnection() throws {
    guard !ledger.connection.isUsable else { return }
    let fresh = try tools.targets.openWritable()
    do { try fresh.lock() } catch let error as LedgerError {
      guard error.code == .heldByAnother, let holder = error.holder, holder.backend == backend
      else { throw error }
      // The server has not noticed yet that the old connection is gone; it is this run's own.
      try fresh.connection.query("SELECT pg_terminate_backend($1::integer)", [holder.backend])
      WorkerThread.sleep(.milliseconds(200))
      try fresh.lock()
    }
    try fresh.continueRun(run.id)
    ledger = fresh
    backend = Int(fresh.connection.facts.backendPID)
    tools.control.statements.enter(lane: 0, fresh.connection)
  }
}
