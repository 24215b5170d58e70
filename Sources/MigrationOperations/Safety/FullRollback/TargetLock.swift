import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

/// The target kept from all migrations, by the lock that each of them needs.
struct TargetLock {
  private let connection: Connection

  /// Stops the migration that is at work, and takes its place.
  ///
  /// - Throws: `LedgerError` of code `heldByAnother` for what can't be stopped.
  init(_ place: PostgresPlace, ledgerSchema: String, tell: (String) -> Void) throws {
    connection = try place.connect()
    connection.endStatementsWithProgram()
    let ledger = try Ledger(connection, schema: ledgerSchema)
    if let run = try Self.running(ledger) {
      _ = try RunSteering(ledger).endNow(run, waiting: .seconds(60), tell: tell)
    }
    try ledger.lock(waitingFor: OperatorName.host, tell: tell)
  }

  static func running(_ ledger: Ledger) throws -> Run? {
    guard case .current = try ledger.condition() else { return nil }
    return try ledger.runningRun()
  }

  func release() throws { try connection.close() }
}
