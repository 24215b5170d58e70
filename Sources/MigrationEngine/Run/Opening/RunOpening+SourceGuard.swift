import MigrationBasics
import MigrationLedger
import Postgres

extension RunOpening {
  /// Refuses before anything is written if the plan would write into the tables that it reads.
  ///
  /// A migration that is complete reads and writes nothing.
  func keepApart() throws {
    guard let place = request.databases.source.kind.targetDatabase, try !isComplete() else {
      return
    }
    var options = ConnectionOptions()
    options.connectTimeout = request.databases.connectTimeout
    try trying {
      try SourceGuard(request.plan, ledgerSchema: request.ledgerSchema).refuse(
        source: Connection(to: place, options: options), target: ledger.connection)
    }
  }

  private func isComplete() throws -> Bool {
    guard !request.fresh, !request.dryRun, try ledger.condition() == .current else { return false }
    return try completeSession() != nil
  }

  /// Does something again if the source's connection broke on the way, as lanes do.
  private func trying(_ body: () throws -> Void) throws {
    var failures = 0
    while true {
      do { return try body() } catch  where RunFailure.isTransient(error) {
        failures += 1
        guard failures <= request.settings.maximumRetries, !request.dryRun,
          tools.control.stopLevel == .keepRunning
        else { throw error }
        let wait = Backoff().wait(after: failures)
        tools.observer(
          .retrying(table: request.plan.name, chunk: nil, failure: "\(error)", wait: wait))
        WorkerThread.sleep(wait)
      }
    }
  }
}
