/// The state of a migration as `migration-checkpoint.json` shows it to people and to `jq`.
public struct Checkpoint: Sendable, Hashable {
  /// The newest form of the file.
  public static let version = 1

  public struct Table: Sendable, Hashable {
    public let name: String
    public let status: TableState.Status
    /// Rows in the target.
    public let migrated: Int
    /// Rows of the source, by the estimate of the planning.
    public let total: Int
    public let rejected: Int
    public let lastKey: [String]
    public let chunks: Int
    public let chunksDone: Int
  }

  public enum Status: String, Sendable, CaseIterable {
    case running, paused, stopped, failed, interrupted, completed
  }

  public let plan: String
  public let planHash: String
  public let session: Int
  /// The identity of the ledger that the file was written from, which names the target.
  public let ledger: String
  public let status: Status
  public let startedAt: String
  public let updatedAt: String
  /// The table that is being loaded; nil before the first and after the last.
  public let currentTable: String?
  public let tables: [Table]

  public var totalRecordsMigrated: Int { tables.reduce(0) { $0 + $1.migrated } }
  public var totalRecordsRejected: Int { tables.reduce(0) { $0 + $1.rejected } }
}

extension Ledger {
  /// Returns the checkpoint of a session as its committed chunks have it.
  public func checkpoint(_ session: Session, status: Checkpoint.Status) throws -> Checkpoint {
    let progress = try progress(session: session.id)
    let now = try connection.query("SELECT \(Moment.sql("clock_timestamp()"))").int(0, 0) ?? 0
    let current = progress.first { $0.table.status == .running || $0.table.status == .restoring }
    return Checkpoint(
      plan: session.plan, planHash: session.planHash, session: session.id,
      ledger: try identity(), status: status, startedAt: session.runTime.description,
      updatedAt: Moment(microseconds: now).description, currentTable: current?.table.name,
      tables: progress.map { table in
        Checkpoint.Table(
          name: table.table.name, status: table.table.status, migrated: table.counts.loaded,
          total: max(table.rowEstimate, table.counts.read), rejected: table.counts.quarantined,
          lastKey: table.lastKey, chunks: table.chunks, chunksDone: table.chunksDone)
      })
  }
}
