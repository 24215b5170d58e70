/// The progress of a session's tables, from which a run writes its checkpoint file.
///
/// A run asks the ledger about all tables once, and after that only about those that it worked on.
package struct CheckpointTally: Sendable {
  private let session: Session
  /// The identity of the ledger.
  private let ledger: String
  /// The session's tables and those of the run, in the order of loading.
  private var all: Open
  private var chosen: Open
  private var tables: [String: Checkpoint.Table] = [:]
  private var (migrated, rejected, done) = (0, 0, 0)
  private var updated: Moment

  /// Tables in the order of loading, and the first of them that may not be done.
  private struct Open: Sendable {
    let names: [String]
    var first = 0

    mutating func skip(_ isDone: (String) -> Bool) {
      while first < names.count, isDone(names[first]) { first += 1 }
    }

    var name: String? { first < names.count ? names[first] : nil }
  }

  /// - Parameter chosen: the tables that the run works on; nil means all.
  package init(_ ledger: Ledger, _ session: Session, chosen: [String]? = nil) throws {
    let (found, identity, now) = try Self.ask(ledger, session, tables: nil)
    (self.session, self.ledger, updated) = (session, identity, now)
    all = Open(names: found.map(\.name))
    self.chosen = Open(names: chosen ?? all.names)
    take(found)
  }

  /// Asks the ledger, in one statement, about the tables that may have changed.
  package mutating func update(_ ledger: Ledger, changed: Set<String>) throws {
    let (found, _, now) = try Self.ask(ledger, session, tables: changed.sorted())
    updated = now
    take(found)
  }

  /// Whether anything was committed.
  package var hasWork: Bool { tables.values.contains { $0.chunksDone > 0 } }

  /// - Parameter table: the table that the run moves.
  package func checkpoint(_ status: Checkpoint.Status, at table: String? = nil) -> Checkpoint {
    Checkpoint(
      plan: session.plan, planHash: session.planHash, session: session.id, ledger: ledger,
      status: status, startedAt: session.runTime.description, updatedAt: updated.description,
      table: current(status, table).flatMap { tables[$0] }, totalRecordsMigrated: migrated,
      totalRecordsRejected: rejected, tablesDone: done, totalTables: all.names.count)
  }

  /// The table that is moved, until it is done; then the next one, of the run or, if the run has ended, of the session.
  private func current(_ status: Checkpoint.Status, _ inHand: String?) -> String? {
    if let inHand, !isDone(inHand) { return inHand }
    let last = inHand ?? all.names.last
    return status == .running ? chosen.name ?? last : all.name ?? last
  }

  private func isDone(_ table: String) -> Bool { tables[table]?.status == .done }

  private mutating func take(_ found: [Checkpoint.Table]) {
    for table in found {
      let before = tables.updateValue(table, forKey: table.name)
      migrated += table.migrated - (before?.migrated ?? 0)
      rejected += table.rejected - (before?.rejected ?? 0)
      done += (table.status == .done ? 1 : 0) - (before?.status == .done ? 1 : 0)
    }
    let tables = tables
    all.skip { tables[$0]?.status == .done }
    chosen.skip { tables[$0]?.status == .done }
  }

  private static func ask(
    _ ledger: Ledger, _ session: Session, tables: [String]?
  ) throws -> ([Checkpoint.Table], identity: String, now: Moment) {
    let found = try ledger.progressRows(session: session.id, tables: tables)
    guard let first = found.rows.first.map(Ledger.progressColumns),
      let identity = first.text(.identity)
    else {
      throw LedgerError(.ledgerDamaged, "the ledger has lost its identity")
    }
    return (
      try found.rows.compactMap(Ledger.progress).map(Checkpoint.Table.init), identity,
      Moment(microseconds: first.number(.time))
    )
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
