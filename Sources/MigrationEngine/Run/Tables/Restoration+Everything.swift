import MigrationBasics
import MigrationLedger
import Postgres

extension Restoration {
  /// Restores whatever is suspended, or says what is in the way.
  static func restoreEverything(_ ledger: Ledger) throws {
    let outcome = try Restoration(scope: .everything).work(through: ledger)
    if let failure = outcome.failures.first { throw failure.explained(ledger) }
  }
}

extension Restoration.Failure {
  fileprivate func explained(_ ledger: Ledger) -> any Error {
    guard (error as? PostgresError)?.sqlState == .foreignKeyViolation else { return told }
    // Who may not check the rows hears at least which key it is.
    let rows = DanglingRows(key: object, connection: ledger.connection)
    return (try? rows.explanation()) ?? told
  }
}
