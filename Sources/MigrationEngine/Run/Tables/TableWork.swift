import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows

/// A table that is being moved: its feeds, what they look up, and which duplicates are later ones.
package final class TableWork: Sendable {
  package let plan: TablePlan
  /// The ledger's number of the table.
  package let id: TableID
  package let target: PostgresTable
  package let feeds: [FeedWork]
  /// For each feed, the tables that its program looks rows up in.
  package let lookups: [[LookupTable]]
  package let losers: LaterDuplicates
  /// Where the rows of a merged table wait; nil if they go straight into the target.
  package let staging: MergeStaging?
  /// What hashes the rows that are sent; nil in sessions that are older than fingerprints.
  package let fingerprints: FingerprintKey?
  /// What rows are sent for; nil if they go elsewhere first.
  package let columns: FedColumns?
  /// By feed, what its source was like before its chunks were cut; none if it can't change.
  let sourceStates: [Int: SourceState]
  /// Whether the target held no rows when this run began the table.
  let wasEmpty: Bool

  init(
    plan: TablePlan, id: TableID, target: PostgresTable, feeds: [FeedWork],
    lookups: [[LookupTable]], losers: LaterDuplicates, staging: MergeStaging? = nil,
    fingerprints: FingerprintKey? = nil, columns: FedColumns? = nil,
    sourceStates: [Int: SourceState] = [:], wasEmpty: Bool = false
  ) {
    (self.sourceStates, self.wasEmpty) = (sourceStates, wasEmpty)
    (self.plan, self.id, self.target) = (plan, id, target)
    (self.feeds, self.lookups, self.losers) = (feeds, lookups, losers)
    (self.staging, self.fingerprints, self.columns) = (staging, fingerprints, columns)
  }

  package var name: QualifiedName { QualifiedName(schema: target.schema, name: target.name) }

  /// The table that chunks are copied into.
  var destination: QualifiedName { staging?.name ?? name }

  /// The statement to run directly before a chunk's rows.
  package func mark(_ chunk: Chunk, _ ledger: Ledger) -> String {
    staging?.marking(chunk) ?? ledger.marking(chunk)
  }

  func makeMachines() -> [RowMachine] {
    zip(feeds, lookups).map { RowMachine($0.program, lookups: $1) }
  }
}
