import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// Makes a table ready: compiles its rules, loads what it looks up, finds duplicates, plans chunks.
///
/// What is found out goes into the ledger in one transaction, once for a session; a run that goes
/// on takes it from there.
package struct TablePreparation {
  package let request: RunRequest
  package let source: any RowSource
  package let context: RunContext
  package let lookups: LookupLoading
  /// Tables that are loaded after this one although it refers to them.
  package let deferredTables: Set<String>
  /// The key of the session's fingerprints; nil if none are made.
  package var fingerprintKey: [UInt8]?
  package let tell: (String) -> Void
  /// Receives why chunks that were cut earlier do not fit the source; nil if they are not used for reading.
  var tellMisfit: ((String) throws -> Void)?
  /// Whether pending chunks will be read.
  var readsOn = false
  /// How the run should continue; a preparation that is not stopped completes.
  var stopLevel: @Sendable () -> RunControl.StopLevel = { .keepRunning }

  /// - Parameters:
  ///   - surveys: what is known of the feeds' sources already.
  ///   - expected: what the target's columns were when the table's turn came, if that is known.
  /// - Throws: `SurveyAbandoned` once the run is asked to stop, with nothing written.
  package func prepare(
    _ plan: TablePlan, _ state: TableState, _ ledger: Ledger, surveys: [FeedSurvey]? = nil,
    expected: FedColumns? = nil
  ) throws -> TableWork {
    let demand = ReaderOnDemand(source)
    let staging = staging(of: plan, state, ledger)
    // Before the rules are compiled: a change in between is reported then.
    let columns = try FedColumns(of: plan, schema: request.plan.target.schema, ledger.connection)
    if let expected, expected.description != columns.description { throw expected.changed }
    let (target, prepared) = try self.feeds(
      of: plan, ledger.connection, demand, staging, sources: surveys?.map(\.source))
    let (feeds, tables) = (prepared.map(\.feed), prepared.map(\.lookups))
    // Which rows are duplicates depends on which of them the rules take, and that on the columns' types.
    let planned = try ledger.plannedFeeds(table: state.id)
    var settled: Settled?
    if try planned.count < feeds.count
      || ledger.isReadyForOthers(than: columns.description, table: state.id)
    {
      settled = try settle(
        plan, state, feeds, tables, target, columns, demand, ledger, surveys,
        isPlanned: !planned.isEmpty)
    } else if try !fits(feeds, state, demand, ledger) {
      settled = try settle(
        plan, state, feeds, tables, target, columns, demand, ledger, nil, isPlanned: true)
    }
    // Keys come back from the ledger as it keeps them.
    let losers =
      settled?.losers.isEmpty == true ? [] : try ledger.duplicates(table: state.id)
    let hashed = try settled?.hashedColumns ?? ledger.fingerprintColumns(table: state.id)
    let states = try settled?.sourceStates ?? ledger.sourceStates(table: state.id)
    return work(
      plan, state, target, feeds, tables, columns, staging, losers, hashed: hashed, states)
  }

  private func staging(
    of plan: TablePlan, _ state: TableState, _ ledger: Ledger
  ) -> MergeStaging? {
    plan.merge.map { _ in MergeStaging(ledgerSchema: ledger.schema, table: state.id) }
  }

  private func work(
    _ plan: TablePlan, _ state: TableState, _ target: PostgresTable, _ feeds: [FeedWork],
    _ lookups: [[LookupTable]], _ columns: FedColumns, _ staging: MergeStaging?,
    _ losers: [DuplicateRow], hashed: [Int: [HashedColumn]], _ states: [Int: SourceState],
    wasEmpty: Bool = false
  ) -> TableWork {
    TableWork(
      plan: plan, id: state.id, target: target,
      feeds: feeds.map { $0.hashing(hashed[$0.number]) }, lookups: lookups,
      losers: losers.isEmpty ? .none : LaterDuplicates(losers), staging: staging,
      fingerprints: fingerprintKey.map(FingerprintKey.init),
      columns: staging == nil ? columns : nil, sourceStates: states, wasEmpty: wasEmpty)
  }

  /// Makes a table ready and begins it in one round trip, by what is known of the target.
  ///
  /// - Returns: nil if it has to be made ready step by step; then nothing is written.
  func begin(
    _ plan: TablePlan, _ state: TableState, _ ledger: Ledger, _ known: TargetSurvey.Table,
    surveys: [FeedSurvey]?
  ) throws -> (work: TableWork, progress: TableProgress, chunks: [Chunk])? {
    let demand = ReaderOnDemand(source)
    let staging = staging(of: plan, state, ledger)
    let prepared = try self.feeds(
      of: plan, known.definition, known.tables, ledger.connection, demand, staging,
      sources: surveys?.map(\.source))
    let (feeds, tables) = (prepared.map(\.feed), prepared.map(\.lookups))
    let found = try find(
      plan, feeds, tables, known.definition, targetHasRows: false, demand, ledger, surveys)
    let chunks = found.surveys.flatMap(\.chunks)
    guard found.losers.isEmpty, chunks.count <= Ledger.chunksOfStatement else { return nil }
    let work = work(
      plan, state, known.definition, feeds, tables, known.columns, staging, [],
      hashed: found.hashedColumns, found.sourceStates, wasEmpty: true)
    let progress = TableProgress(of: state, planned: chunks)
    guard LoadingChoice(work: work, rows: progress.rowEstimate, targetHasRows: false).choice.isEmpty
    else { return nil }
    var pipeline = Pipeline()
    try enter(found, work, known, ledger, in: &pipeline)
    do throws(PostgresError) { try ledger.connection.runTransaction(pipeline) } catch {
      guard error.kind == .server, ledger.connection.isUsable else { throw error }
      return nil
    }
    return (work, progress, found.numbered(of: state.id))
  }

  /// Enters what was found of a table, and that it is being loaded, under the condition that nothing has changed.
  private func enter(
    _ found: Settled, _ work: TableWork, _ known: TargetSurvey.Table, _ ledger: Ledger,
    in pipeline: inout Pipeline
  ) throws {
    pipeline.begin()
    pipeline.require(known.isUnchanged)
    for (feed, survey) in zip(work.feeds, found.surveys) {
      try ledger.insertBoundaries(
        table: work.id, feed: feed.number, source: feed.feed.from, survey.chunks,
        columns: found.hashedColumns[feed.number], state: survey.state,
        fed: feed.number == work.feeds[0].number ? known.columns : nil, in: &pipeline)
    }
    try ledger.noteNoRowsBefore(in: work.target, table: work.id, in: &pipeline)
    try ledger.noteSequencesBefore(known.sequences, table: work.id, in: &pipeline)
    if let staging = work.staging, let columns = work.feeds.first?.program.targetColumns {
      try staging.create(like: work.name, columns: columns, in: &pipeline)
    }
    ledger.setStatus(.running, from: .pending, table: work.id, in: &pipeline)
    pipeline.commit()
  }

  /// Whether the chunks that the ledger has fit the sources as they are now, or rows are loaded by them already.
  private func fits(
    _ feeds: [FeedWork], _ state: TableState, _ demand: ReaderOnDemand, _ ledger: Ledger
  ) throws -> Bool {
    guard let tellMisfit else { return true }
    let states = try ledger.sourceStates(table: state.id)
    let misfits = try feeds.compactMap { feed in
      try states[feed.number].flatMap {
        try demand.reader().misfit(of: feed.source, since: $0, isLater: true)
      }
    }
    guard !misfits.isEmpty else {
      if readsOn { try requireSameRows(feeds, states, state, demand, ledger, tellMisfit) }
      return true
    }
    guard try ledger.chunks(table: state.id, status: .done).first != nil else { return false }
    for misfit in misfits { try tellMisfit(misfit) }
    return true
  }

  /// Reports if chunks that are done no longer hold the rows that were read of them, and notes which rows this run sees.
  private func requireSameRows(
    _ feeds: [FeedWork], _ states: [Int: SourceState], _ state: TableState,
    _ demand: ReaderOnDemand, _ ledger: Ledger, _ tellMisfit: (String) throws -> Void
  ) throws {
    for feed in feeds {
      guard let before = states[feed.number] else { continue }
      let reader = try demand.reader()
      let done = {
        tell("rows of chunks that are done")
        return try ledger.chunks(table: state.id, status: .done)
          .filter { $0.chunk.feed == feed.number }
      }
      if let misfit = try reader.misfit(of: feed.source, since: before, done: done) {
        try tellMisfit(misfit)
      }
      guard let snapshot = try reader.snapshot(of: feed.source) else { continue }
      try ledger.addMoment(snapshot, table: state.id, feed: feed.number)
    }
  }

  /// Refuses to continue with chunks that would take some rows twice, and others never.
  package static func refusal(_ misfit: String, _ plan: TablePlan) -> MigrationError {
    MigrationError(
      .failed, "\(plan.name): \(misfit); some rows would be loaded twice, others not at all",
      reason: "sourceReplaced", place: "\(plan.place)",
      remedy:
        "reload the table: migrate rollback --table \(plan.name), then "
        + "migrate run; or restore the earlier source")
  }

  /// Compiles the feeds of a table, and loads what they look up.
  package func feeds(
    of plan: TablePlan, _ target: Connection, _ demand: ReaderOnDemand, _ staging: MergeStaging?,
    sources: [any BoundFeed]? = nil
  ) throws -> (PostgresTable, [(feed: FeedWork, lookups: [LookupTable])]) {
    let (table, referenced) = try targetTables(plan, target)
    return (
      table, try feeds(of: plan, table, referenced, target, demand, staging, sources: sources)
    )
  }

  private func feeds(
    of plan: TablePlan, _ table: PostgresTable, _ referenced: [String: PostgresTable],
    _ target: Connection, _ demand: ReaderOnDemand, _ staging: MergeStaging?,
    sources: [any BoundFeed]?
  ) throws -> [(feed: FeedWork, lookups: [LookupTable])] {
    var feeds: [FeedWork] = []
    for (number, feed) in plan.feeds.enumerated() {
      let found =
        try sources?[number]
        ?? demand.reader().find(
          feed, schema: request.plan.source.schema, condition: request.condition)
      feeds.append(try compile(plan, feed, number, found, table, referenced, staging))
    }
    tell("look-up tables")
    return try feeds.map { feed in
      (feed, try feed.program.references.map { try lookups.table(for: $0, target) })
    }
  }

  /// Makes a table ready to check its rows only: nothing is searched, planned or written.
  package func inspect(_ plan: TablePlan, _ connection: Connection) throws -> TableWork {
    let (target, prepared) = try feeds(of: plan, connection, ReaderOnDemand(source), nil)
    return TableWork(
      plan: plan, id: TableID(rawValue: 0), target: target, feeds: prepared.map(\.feed),
      lookups: prepared.map(\.lookups), losers: .none)
  }

  /// Returns whether a target table holds any row.
  package static func hasRows(_ table: PostgresTable, _ target: Connection) throws -> Bool {
    try target.query("SELECT EXISTS (SELECT FROM \(table.ownRows()))").bool(0, 0) ?? false
  }

  /// What was found out of a table, to be entered.
  private struct Settled {
    let surveys: [FeedSurvey]
    let losers: [DuplicateRow]
    /// By feed, what rows are hashed of; empty in sessions without fingerprints.
    var hashedColumns: [Int: [HashedColumn]] = [:]
    var sourceStates: [Int: SourceState] = [:]

    /// The chunks as the ledger numbers them.
    func numbered(of table: TableID) -> [Chunk] {
      let all = surveys.enumerated().flatMap { feed, survey in
        survey.chunks.enumerated().map { (feed, $0.offset, $0.element) }
      }
      return all.enumerated().map { number, chunk in
        Chunk(
          table: table, number: number, feed: chunk.0, ordinal: chunk.1, range: chunk.2.range,
          rowEstimate: chunk.2.rowEstimate, byteEstimate: chunk.2.byteEstimate, failures: 0)
      }
    }
  }

  /// Cuts chunks and finds duplicates; writes nothing.
  private func find(
    _ plan: TablePlan, _ feeds: [FeedWork], _ lookups: [[LookupTable]], _ target: PostgresTable,
    targetHasRows: @autoclosure () throws -> Bool, _ demand: ReaderOnDemand, _ ledger: Ledger,
    _ surveys: [FeedSurvey]?
  ) throws -> Settled {
    tell("chunks")
    let surveys =
      try surveys
      ?? feeds.map {
        try FeedSurvey(
          $0.source, demand.reader(), request.cutting(of: plan),
          while: { stopLevel() == .keepRunning })
      }
    var losers: [DuplicateRow] = []
    if plan.merge != nil {
      // Equal rows of a merged table are no duplicates: they become one.
      try Self.checkMergeable(plan, target)
    } else {
      // The chunks come first, as cutting a dump shows in which order its documents are.
      tell("duplicates")
      let search = DuplicateSearch(
        feeds: feeds, lookups: lookups, target: target, targetHasRows: try targetHasRows(),
        isWanted: { [stopLevel] in stopLevel() != .cancel })
      losers = try search.run(demand, target: ledger.connection, chunks: surveys.map(\.chunks))
    }
    var settled = Settled(surveys: surveys, losers: losers)
    if fingerprintKey != nil {
      for feed in feeds {
        // Rows of a merged table are hashed of what the server has made of them, all alike.
        settled.hashedColumns[feed.number] =
          plan.merge == nil
          ? FeedWork.hashedColumns(of: feed, among: feeds, target)
          : feeds[0].program.fingerprintColumns
      }
    }
    for (feed, survey) in zip(feeds, surveys) { settled.sourceStates[feed.number] = survey.state }
    return settled
  }

  /// - Parameter isPlanned: whether the ledger has chunks of an earlier try.
  private func settle(
    _ plan: TablePlan, _ state: TableState, _ feeds: [FeedWork], _ lookups: [[LookupTable]],
    _ target: PostgresTable, _ columns: FedColumns, _ demand: ReaderOnDemand, _ ledger: Ledger,
    _ surveys: [FeedSurvey]?, isPlanned: Bool
  ) throws -> Settled {
    let settled = try find(
      plan, feeds, lookups, target,
      targetHasRows: try Self.hasRows(target, ledger.connection), demand, ledger, surveys)
    let enter = {
      for (feed, survey) in zip(feeds, settled.surveys) {
        try ledger.insertBoundaries(
          table: state.id, feed: feed.number, source: feed.feed.from, survey.chunks,
          columns: settled.hashedColumns[feed.number], state: survey.state,
          fed: feed.number == feeds[0].number ? columns : nil)
      }
    }
    // What is one statement needs no transaction.
    guard isPlanned || !settled.losers.isEmpty || feeds.count > 1 else {
      try enter()
      return settled
    }
    try ledger.atomically {
      if isPlanned { try ledger.removeChunks(table: state.id) }
      try ledger.recordDuplicates(settled.losers, table: state.id)
      try enter()
    }
    return settled
  }

  private func compile(
    _ plan: TablePlan, _ feed: Feed, _ number: Int, _ found: any BoundFeed,
    _ target: PostgresTable, _ referenced: [String: PostgresTable], _ staging: MergeStaging?
  ) throws -> FeedWork {
    let program = try RowProgram.compile(
      plan, feed: feed, feedNumber: number, source: found.table, target: target,
      context: context,
      // The ends of a merged table's rows are looked for on the server, when all rows are there.
      deferredTables: plan.merge == nil ? deferredTables : plan.referencedTables,
      referenced: referenced)
    return try FeedWork(
      number: number, feed: feed, source: found, target: target, program: program,
      staging: staging)
  }

  /// Equal rows can only become one if being equal is what the target's key means. Once rows are
  /// being loaded, the key may be suspended.
  private static func checkMergeable(_ plan: TablePlan, _ target: PostgresTable) throws {
    let fed = Set(plan.feeds.flatMap { $0.columns.map(\.column) })
    guard Set(target.primaryKey) != fed else { return }
    throw MigrationError(
      .coded(.schema),
      "\(plan.name) is merged, and its primary key does not consist of the fed columns",
      place: "\(plan.place)",
      remedy: "define the primary key on \(fed.sorted().joined(separator: ", ")), "
        + "or remove merge from the plan")
  }

  /// Reads the definition of a plan's table, and with it those of the tables that it looks rows up in.
  private func targetTables(
    _ plan: TablePlan, _ target: Connection
  ) throws -> (PostgresTable, [String: PostgresTable]) {
    let schema = request.plan.target.schema
    let found = try CatalogReader(target).tables(
      schema: schema, named: [plan.name] + plan.referencedTables)
    let tables = Dictionary(found.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    guard let table = tables[plan.name] else {
      throw MigrationError(
        .coded(.schema), "the target has no table \(plan.name)", place: "schema \(schema)",
        remedy: "create the target's tables first: migrate db migrate")
    }
    return (table, tables)
  }
}
