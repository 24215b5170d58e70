import MigrationLedger
import Postgres

/// Tables of its own for a dry run, in the transaction that is rolled back at its end.
///
/// The request names the schema that they are made in, as the plan's target and as the ledger's.
package struct DryRunStage: Sendable {
  /// Makes the tables, before anything else happens in the transaction.
  package let prepare: @Sendable (Connection) throws -> Void
  /// Checks all that was loaded and quarantined, before it is gone.
  package let inspect: @Sendable (Ledger, Session) throws -> Void

  package init(
    prepare: @escaping @Sendable (Connection) throws -> Void,
    inspect: @escaping @Sendable (Ledger, Session) throws -> Void
  ) {
    self.prepare = prepare
    self.inspect = inspect
  }

}
