import MigrationEngine
import MigrationLedger

/// What a backup of a PostgreSQL database is to be.
package struct BackupRequest: Sendable {
  package var contents: BackupManifest.Contents = .all
  /// The tables whose rows are wanted, for `tables`: with their schema, unless that is `public`.
  package var tables: [String] = []
  /// `target` or `source`.
  package var role: DatabaseRole = .target
  /// How many tables are dumped side by side.
  package var jobs = 1
  /// From 0, none, to 9.
  package var compression = 6
  package var note: String?
  package var plan: String?
  package var ledgerSchema = Ledger.defaultSchema

  package init() {}
}
