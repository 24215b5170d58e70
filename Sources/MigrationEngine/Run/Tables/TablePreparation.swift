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

  /// - Parameter surveys: what is known of the feeds' sources already.
  /// - Throws: `SurveyAbandoned` once the run is asked to stop, with nothing written.
  package func prepare(
    _ plan: TablePlan, _ state: TableState, _ ledger: Ledger, surveys: [FeedSurvey]? = nil
  ) throws -> TableWork {
    let demand = ReaderOnDemand(source)
    let staging = plan.merge.map { _ in MergeStaging(ledgerSchema: ledger.schema, table: state.id) }
    // Before the rules are compiled: a change in between is reported then.
    let columns = try FedColumns(of: plan, schema: request.plan.target.schema, ledger.connection)
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
      settled?.hasDuplicates == false ? [] : try ledger.duplicates(table: state.id)
    let hashed = try settled?.hashedColumns ?? ledger.fingerprintColumns(table: state.id)
    return TableWork(
      plan: plan, id: state.id, target: target,
      feeds: feeds.map { $0.hashing(hashed[$0.number]) }, lookups: tables,
      losers: losers.isEmpty ? .none : LaterDuplicates(losers), staging: staging,
      fingerprints: fingerprintKey.map(FingerprintKey.init),
      columns: staging == nil ? columns : nil,
      sourceStates: try settled?.sourceStates ?? ledger.sourceStates(table: state.id))
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
    var feeds: [FeedWork] = []
    for (number, feed) in plan.feeds.enumerated() {
      let found =
        try sources?[number]
        ?? demand.reader().find(
          feed, schema: request.plan.source.schema, condition: request.condition)
      feeds.append(try compile(plan, feed, number, found, table, referenced, staging))
    }
    tell("look-up tables")
    let prepared = try feeds.map { feed in
      (feed, try feed.program.references.map { try lookups.table(for: $0, target) })
    }
    return (table, prepared)
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

  /// What is known of a table that was just made ready.
  private struct Settled {
    let hasDuplicates: Bool
    /// By feed, what rows are hashed of; empty in sessions without fingerprints.
    var hashedColumns: [Int: [HashedColumn]] = [:]
    var sourceStates: [Int: SourceState] = [:]
  }

  /// - Parameter isPlanned: whether the ledger has chunks of an earlier try.
  private func settle(
    _ plan: TablePlan, _ state: TableState, _ feeds: [FeedWork], _ lookups: [[LookupTable]],
    _ target: PostgresTable, _ columns: FedColumns, _ demand: ReaderOnDemand, _ ledger: Ledger,
    _ surveys: [FeedSurvey]?, isPlanned: Bool
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
        feeds: feeds, lookups: lookups, target: target,
        targetHasRows: try Self.hasRows(target, ledger.connection),
        isWanted: { [stopLevel] in stopLevel() != .cancel })
      losers = try search.run(demand, target: ledger.connection, chunks: surveys.map(\.chunks))
    }
    var settled = Settled(hasDuplicates: !losers.isEmpty)
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
    let enter = {
      for (feed, survey) in zip(feeds, surveys) {
        try ledger.insertBoundaries(
          table: state.id, feed: feed.number, source: feed.feed.from, survey.chunks,
          columns: settled.hashedColumns[feed.number], state: survey.state,
          fed: feed.number == feeds[0].number ? columns : nil)
      }
    }
    // What is one statement needs no transaction.
    guard isPlanned || settled.hasDuplicates || feeds.count > 1 else {
      try enter()
      return settled
    }
    try ledger.atomically {
      if isPlanned { try ledger.removeChunks(table: state.id) }
      try ledger.recordDuplicates(losers, table: state.id)
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
