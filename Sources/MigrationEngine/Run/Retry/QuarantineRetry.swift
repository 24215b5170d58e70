import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// Tries quarantined rows again: reads them from the source as they are now, and loads those that pass.
///
/// A row is loaded and settled in the same transaction, so that it comes exactly once however often
/// the retry is run or killed. What fails again stays, with the reason that holds now.
package struct QuarantineRetry {
  /// The row counts of a table.
  package struct Outcome: Sendable, Hashable {
    package let table: String
    package var loaded = 0
    /// Rows of those that were loaded, in which a text was read leniently.
    package var coerced = 0
    package var failed = 0
    /// Rows that the source does not have any more.
    package var gone = 0
    /// Rows without a key of their own, of which the source has none that is as they were: changed, or gone.
    package var untold = 0

    package init(
      table: String, loaded: Int = 0, coerced: Int = 0, failed: Int = 0, gone: Int = 0,
      untold: Int = 0
    ) {
      self.table = table
      self.loaded = loaded
      self.coerced = coerced
      self.failed = failed
      self.gone = gone
      self.untold = untold
    }

  }

  /// How many rows are tried in one transaction.
  private static let batch = 500

  private let request: RunRequest
  private let source: any RowSource
  private let ledger: Ledger
  private let session: Session
  private let coerces: Bool
  private let warn: (String) -> Void

  /// Tries the open rows of the request's tables in the plan's newest session.
  ///
  /// - Parameters:
  ///   - coerces: whether texts that do not convert are read leniently.
  ///   - name: the number or name of another session of the plan.
  ///   - warn: receives what the retry cannot undo.
  /// - Throws: `LedgerError` of code `heldByAnother` while a migration is running.
  package static func run(
    _ request: RunRequest, coerces: Bool = false, session name: String? = nil,
    warn: @escaping (String) -> Void = { _ in }
  ) throws -> [Outcome] {
    let ledger = try TargetConnections(request).open(statements: request.settings.chunkTimeout)
    try ledger.connection.requireWritable()
    try SourceGuard(request.plan, ledgerSchema: request.ledgerSchema).refuse(
      request.databases.source, target: ledger.connection)
    try ledger.requireInstalled()
    try ledger.lock()
    try ledger.requireNoRollback()
    if let warning = try ledger.adoptOrigin() { warn(warning) }
    let found =
      try name.map { try ledger.session(called: $0) }
      ?? ledger.latestSession(named: request.plan.name)
    guard let session = found, session.plan == request.plan.name else {
      throw MigrationError(
        .failed, "there is no migration of \(request.plan.name)",
        remedy: name == nil ? "start one: migrate run" : "see all sessions: migrate session list")
    }
    try session.requirePlan(
      hash: request.plan.hash, meaning: request.plan.meaning,
      remedy:
        "retry with the earlier plan; or load all rows by the new plan: migrate rollback "
        + "--session \(session.id), then migrate run")
    var request = request
    request.condition = RunOptions(session).condition
    let source = try request.databases.source.source()
    defer { source.release() }
    return try QuarantineRetry(
      request: request, source: source, ledger: ledger, session: session, coerces: coerces,
      warn: warn
    ).run()
  }

  private func run() throws -> [Outcome] {
    var outcomes: [Outcome] = []
    let states = try ledger.tables(session: session.id)
    for plan in request.plan.tables where request.tables?.contains(plan.name) ?? true {
      let filter = QuarantineFilter(table: plan.name, status: .open)
      guard let state = states.first(where: { $0.name == plan.name }),
        try ledger.quarantineCount(session: session.id, filter) > 0
      else { continue }
      outcomes.append(try retry(plan, state))
    }
    return outcomes
  }

  private func retry(_ plan: TablePlan, _ state: TableState) throws -> Outcome {
    let name = QualifiedName(schema: request.plan.target.schema, name: plan.name)
    let isUntouched = try ledger.areSequencesUntouched(of: name, table: state.id)
    let outcome = try plan.merge == nil ? retryFromSource(plan, state) : retryMerged(plan, state)
    let sequences = try Sequences(ledger).sequences(of: name)
    _ = try Sequences(ledger).reset(sequences, of: name)
    if isUntouched { try ledger.noteSequencesAfter(sequences, table: state.id) }
    return outcome
  }

  private func retryMerged(_ plan: TablePlan, _ state: TableState) throws -> Outcome {
    try MergeRetry(
      plan, state, schema: request.plan.target.schema, ledger,
      fingerprintKey: session.fingerprintKey
    ).run()
  }

  private func retryFromSource(_ plan: TablePlan, _ state: TableState) throws -> Outcome {
    let context = try request.plan.context(writing: session)
    var preparation = TablePreparation(
      request: request, source: source, context: context,
      lookups: LookupLoading(schema: request.plan.target.schema), deferredTables: [],
      fingerprintKey: session.fingerprintKey, tell: { _ in })
    preparation.tellMisfit = { warn("\(plan.name): \($0); rows are read from the current source") }
    let work = try preparation.prepare(plan, state, ledger)
    var outcome = Outcome(table: plan.name)
    // The rows of a transaction come from one feed, so that all of them are hashed in one way.
    for feed in work.feeds {
      var last: Int? = 0
      while let after = last { last = try retryBatch(feed, work, after: after, &outcome) }
    }
    return outcome
  }

  /// Returns the number of the last row that was tried; nil when none is left.
  private func retryBatch(
    _ feed: FeedWork, _ work: TableWork, after: Int, _ outcome: inout Outcome
  ) throws -> Int? {
    let target = ledger.connection
    let before = outcome
    try target.begin()
    do {
      try target.execute("SET CONSTRAINTS ALL IMMEDIATE")
      let entries = try ledger.takeForRetry(
        session: session.id, table: work.plan.name, feed: feed.number, after: after,
        limit: Self.batch)
      if !entries.isEmpty { try retry(entries, feed, work, &outcome) }
      try target.commit()
      return entries.last?.id
    } catch {
      outcome = before
      try? target.rollback()
      throw error
    }
  }

  private func retry(
    _ entries: [QuarantineEntry], _ feed: FeedWork, _ work: TableWork, _ outcome: inout Outcome
  ) throws {
    let machine = RowMachine(feed.program, lookups: work.lookups[feed.number])
    let duplicates = RetryDuplicates(feed, work)
    let store = RetryStore(
      machine, feed, coerces ? RowCoercion(feed) : nil, work.fingerprints,
      uniqueSets: duplicates.places)
    let missing = try read(entries, feed, work, machine, store)
    let target = ledger.connection
    try target.execute("SAVEPOINT migrate_scratch")
    var search = BadRowSearch(
      store: store.rows, target: target, table: work.name,
      columns: feed.program.targetColumns.compactMap { work.target[$0] },
      copyStatement: feed.copyStatement)
    let bad = try search.run()
    try target.execute(
      "ROLLBACK TO SAVEPOINT migrate_scratch; RELEASE SAVEPOINT migrate_scratch")
    let late = try duplicates.find(store.keys, without: Set(bad.keys), target)
    let good = store.rows.ranges(without: Set(bad.keys).union(late.keys))
    if !good.isEmpty { try load(good, of: store, feed, work) }
    for (row, refusal) in bad {
      let entry = store.ready[row]
      store.rejected.append(
        (entry.id, refusal.quarantined(key: entry.row.key, row: entry.row.row)))
    }
    for (row, columns) in late { store.reject(row, asDuplicateIn: columns) }
    let settled = try settle(good.flatMap(Array.init), store)
    for (id, row) in store.rejected { try ledger.noteRetryFailure(id, row) }
    outcome.loaded += settled.loaded
    outcome.coerced += settled.coerced
    outcome.failed += store.rejected.count
    outcome.gone += missing.gone
    outcome.untold += missing.untold
  }

  /// Loads rows into the target, and enters their transaction.
  private func load(
    _ rows: [Range<Int>], of store: RetryStore, _ feed: FeedWork, _ work: TableWork
  ) throws {
    let target = ledger.connection
    let readBack = try ReadBack(feed, work, target)
    if let readBack { _ = try store.rows.send(rows, readBack.copyStatement, target) }
    try ledger.beginWrite(.retry, table: work.id, feed: feed.number)
    let stored = try readBack?.finish()
    let taken = try stored?.rows ?? store.rows.send(rows, feed.copyStatement, target)
    try ChunkLoad.check(taken, rows.reduce(0) { $0 + $1.count }, work.name)
    let sum = work.fingerprints.map { _ in stored ?? store.rows.sum(of: rows) }
    try ledger.endWrite(table: work.id, into: work.name, sum)
  }

  /// Reads the rows of entries from the source, and counts those that are not found.
  private func read(
    _ entries: [QuarantineEntry], _ feed: FeedWork, _ work: TableWork, _ machine: RowMachine,
    _ store: RetryStore
  ) throws -> (gone: Int, untold: Int) {
    let gone: Set<Int>
    if feed.key.isUnique {
      let found = entries.filter { $0.row.isFound(by: feed) }
      let byKey = Dictionary(found.map { ($0.row.lookupKey, $0) }, uniquingKeysWith: { a, _ in a })
      let elements = Set(
        byKey.keys.compactMap { key -> Int? in
          if case .int(let element)? = key["element"] { element } else { nil }
        })
      try source.open(timeout: nil).read(feed, .keys(found.map(\.row.key))) {
        store.take($0, byKey, elements: elements)
      }
      gone = Set(found.map(\.id)).subtracting(store.taken)
    } else {
      let match = try RetryMatch(entries, table: work.id, feed, machine, ledger)
      gone = try match.run(source) { store.take($0, element: $1, $2) }
    }
    return (gone.count, entries.count - store.taken.count - gone.count)
  }

  /// Closes the entries of rows that are loaded, each with what was done to it.
  private func settle(
    _ good: [Int], _ store: RetryStore
  ) throws -> (loaded: Int, coerced: Int) {
    let byColumns = Dictionary(grouping: good) { store.coerced[$0] }
    for (columns, rows) in byColumns {
      let how = columns.isEmpty ? "" : ", converted leniently: " + columns.joined(separator: ", ")
      try ledger.settle(
        rows.map { store.ready[$0].id }, as: .retried,
        note: "loaded by a retry" + how)
    }
    return (good.count, good.count { !store.coerced[$0].isEmpty })
  }
}
