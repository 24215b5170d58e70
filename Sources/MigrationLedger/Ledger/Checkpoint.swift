/// The state of a migration as `migration-checkpoint.json` shows it to people and to `jq`.
///
/// It has the current table and totals of all tables, so that its size does not depend on the number of tables.
package struct Checkpoint: Sendable, Hashable {
  /// The newest form of the file; in form 1 it had all tables, on many lines.
  package static let version = 2

  /// How far one table is.
  package struct Table: Sendable, Hashable {
    package let name: String
    package let status: TableState.Status
    /// Rows in the target.
    package let migrated: Int
    /// Rows of the source, by the estimate of the planning.
    package let total: Int
    package let rejected: Int
    package let lastKey: [String]
    package let chunks: Int
    package let chunksDone: Int
  }

  package enum Status: String, Sendable, CaseIterable {
    case running, paused, stopped, failed, interrupted, completed
  }

  package let plan: String
  package let planHash: String
  package let session: SessionID
  /// The identity of the ledger that the file was written from, which names the target.
  package let ledger: String
  package let status: Status
  package let startedAt: String
  package let updatedAt: String
  /// The table at work, or the one that the next run begins with; nil only of a plan without tables.
  package let table: Table?
  package let totalRecordsMigrated: Int
  package let totalRecordsRejected: Int
  package let tablesDone: Int
  package let totalTables: Int
}

extension Ledger {
  /// Returns the checkpoint of a session as its committed chunks have it.
  package func checkpoint(_ session: Session, status: Checkpoint.Status) throws -> Checkpoint {
    try CheckpointTally(self, session).checkpoint(status)
  }
}
