/// The state of a migration as `migration-checkpoint.json` shows it to people and to `jq`.
package struct Checkpoint: Sendable, Hashable {
  /// The newest form of the file.
  package static let version = 1

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

    package init(
      name: String, status: TableState.Status, migrated: Int, total: Int, rejected: Int,
      lastKey: [String], chunks: Int, chunksDone: Int
    ) {
      self.name = name
      self.status = status
      self.migrated = migrated
      self.total = total
      self.rejected = rejected
      self.lastKey = lastKey
      self.chunks = chunks
      self.chunksDone = chunksDone
    }

  }

  package enum Status: String, Sendable, CaseIterable {
    case running, paused, stopped, failed, interrupted, completed
  }

  package let plan: String
  package let planHash: String
  package let session: Int
  /// The identity of the ledger that the file was written from, which names the target.
  package let ledger: String
  package let status: Status
  package let startedAt: String
  package let updatedAt: String
  /// The table that is being loaded; nil before the first and after the last.
  package let currentTable: String?
  package let tables: [Table]

  package var totalRecordsMigrated: Int { tables.reduce(0) { $0 + $1.migrated } }
  package var totalRecordsRejected: Int { tables.reduce(0) { $0 + $1.rejected } }
}

extension Ledger {
  /// Returns the checkpoint of a session as its committed chunks have it.
  ///
  /// It is one statement. A run passes what it has written last, and the cost of that statement depends on the
  /// changed tables alone.
  ///
  /// - Parameters:
  ///   - earlier: an earlier checkpoint of the same session; nil asks about all tables.
  ///   - changed: the tables that may have changed since `earlier`.
  package func checkpoint(
    _ session: Session, status: Checkpoint.Status, since earlier: Checkpoint? = nil,
    changed: Set<String> = []
  ) throws -> Checkpoint {
    let found = try progressRows(
      session: session.id, tables: earlier == nil ? nil : changed.sorted())
    guard let first = found.rows.first, let ledger = first.text(Self.identityColumn) else {
      throw LedgerError(.ledgerDamaged, "the ledger has lost its identity")
    }
    let fresh = try found.rows.compactMap(Self.progress).map(Checkpoint.Table.init)
    let byName = Dictionary(fresh.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    let tables = earlier?.tables.map { byName[$0.name] ?? $0 } ?? fresh
    let now = Moment(microseconds: first.number(Self.timeColumn))
    let current = tables.first { $0.status == .running || $0.status == .restoring }
    return Checkpoint(
      plan: session.plan, planHash: session.planHash, session: session.id, ledger: ledger,
      status: status, startedAt: session.runTime.description, updatedAt: now.description,
      currentTable: current?.name, tables: tables)
  }
}

extension Checkpoint.Table {
  fileprivate init(_ progress: TableProgress) {
    self.init(
      name: progress.table.name, status: progress.table.status, migrated: progress.counts.loaded,
      total: max(progress.rowEstimate, progress.counts.read),
      rejected: progress.counts.quarantined, lastKey: progress.lastKey, chunks: progress.chunks,
      chunksDone: progress.chunksDone)
  }
}
