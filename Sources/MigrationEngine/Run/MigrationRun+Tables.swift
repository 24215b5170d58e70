import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// The way of one table: made ready, loaded by lanes, finished.
extension MigrationRun {
  func moveTable(
    _ plan: TablePlan, _ state: TableState, _ keeper: RunKeeper, next: TablePlan?
  ) throws {
    guard let session else { return }
    tableInHand = plan.name
    takeChanges()
    guard try keeper.steadily(plan.name, { _ in try keeper.mayGoOn(with: state) }) else { return }
    observer(.preparing(table: plan.name, step: "rules"))
    var preparation = try preparation(plan, session)
    if state.status == .pending || state.status == .running {
      preparation.tellMisfit = { throw TablePreparation.refusal($0, plan) }
    }
    let (work, before): (TableWork, TableProgress?)
    do {
      (work, before) = try keeper.steadily(plan.name) { ledger in
        let surveys = scout.take(request.errand(plan))
        let work = try preparation.prepare(plan, state, ledger, surveys: surveys)
        return (work, try ledger.progress(session: session.id, tables: [plan.name]).first)
      }
    } catch is SurveyAbandoned {
      return
    }
    guard control.wish == .goOn else { return }
    let lanes = laneCount(work, chunks: before?.chunks ?? 1)
    if let next { scout.begin(request.errand(next)) }
    let isToLoad = state.status != .loaded && state.status != .restoring
    if isToLoad {
      try load(work, state, before, lanes, keeper)
      guard control.wish == .goOn else { return }
      try keeper.steadily(plan.name) { _ in try tellSourceChanges(work) }
    }
    let suspended =
      try request.dryRun
      ? [] : keeper.steadily(plan.name) { try SetAside($0).pendingRestores() }
    let hasSuspended = suspended.contains { $0.table == work.name && $0.kind != .foreignKey }
    let mayHaveLateReferences = mayHaveLateReferences(plan, copiedKeys(work, suspended))
    // A table that needs nothing more is done in a moment.
    if isToLoad, hasSuspended || mayHaveLateReferences || work.staging != nil || watchesCorruption {
      try keeper.steadily(plan.name) { try $0.setStatus(.loaded, table: state.id) }
    }
    try merge(work, keeper)
    if mayHaveLateReferences {
      try checkLateReferences(plan, work, copiedKeys(work, suspended), keeper)
    }
    try readBack(work, session, keeper)
    guard control.wish == .goOn else { return }
    let books = try keeper.steadily(plan.name) { ledger in
      try tableFinish(work, session, lanes.count, ledger).finish(hasSuspended: hasSuspended) {
        try keeper.admits($0, ledger)
      }
    }
    guard let sheet = books else { return }
    lookups.keep(only: Set(request.plan.tables.flatMap(\.referencedTables)))
    keeper.tableEnded()
    observer(
      .tableEnded(
        RunOutcome.Table(
          name: plan.name, sheet: sheet, isDone: true, alwaysNull: alwaysNull[plan.name] ?? [])))
  }

  func preparation(_ plan: TablePlan, _ session: Session) throws -> TablePreparation {
    TablePreparation(
      request: request, source: source, context: try context(session), lookups: lookups,
      deferredTables: PlanOrder(request.plan.tables).tablesAfter(plan.name),
      fingerprintKey: session.fingerprintKey,
      tell: { [observer] step in observer(.preparing(table: plan.name, step: step)) },
      wish: { [control] in control.wish })
  }

  /// However many lanes are asked for, each takes a connection to either server.
  private static let mostLanes = 64

  /// Goes by what other terminals have changed, from this table on.
  private func takeChanges() { control.adjustments.apply(to: &request) }

  package func context(_ session: Session) throws -> RunContext {
    try request.plan.context(writing: session)
  }

  private func load(
    _ work: TableWork, _ state: TableState, _ before: TableProgress?,
    _ lanes: (count: Int, most: Int), _ keeper: RunKeeper
  ) throws {
    try keeper.steadily(work.plan.name) { ledger in
      if state.status == .pending {
        let rowsBefore = try ledger.noteRowsBefore(in: work.name, table: state.id)
        try ledger.noteSequencesBefore(
          Sequences(ledger).sequences(of: work.name), table: state.id)
        try setAside(
          work, rows: before?.rowEstimate ?? 0, targetHasRows: rowsBefore > 0, ledger)
      }
      if let staging = work.staging, let columns = work.feeds.first?.program.targetColumns {
        try staging.create(like: work.name, columns: columns, ledger)
      }
      try ledger.setStatus(.running, table: state.id)
    }
    let board = LaneBoard(control)
    let around = surroundings(work, board, keeper)
    if request.dryRun {
      try takeOffForeignKeys(work, keeper.ledger.connection)
      Lane(0, around, ledger: keeper.ledger)?.run()
    } else {
      let crew = LaneCrew(around, count: lanes.count, most: lanes.most)
      do {
        try crew.start()
        try keeper.watch(work, board, crew, before)
      } catch { board.fail(error) }
      crew.join()
    }
    alwaysNull[work.plan.name] = board.alwaysNull(work)
    if let failure = board.failure { throw failure }
  }

  private func surroundings(
    _ work: TableWork, _ board: LaneBoard, _ keeper: RunKeeper
  ) -> Lane.Surroundings {
    Lane.Surroundings(
      work: work, board: board, source: source,
      openTarget: { [request, idleTargets] in
        try idleTargets.take(timeout: request.tuning.chunkTimeout)
          ?? MigrationRun.openTarget(request)
      },
      giveBack: { [request, idleTargets] in
        idleTargets.keep($0, timeout: request.tuning.chunkTimeout)
      },
      run: keeper.run.id, transaction: ChunkTransaction(isDryRun: request.dryRun),
      maximumRetries: request.tuning.maximumRetries, throttle: request.tuning.throttle,
      chunkTimeout: request.tuning.chunkTimeout,
      errorLog: keeper.errorLog,
      observer: observer)
  }

  /// Takes indexes and constraints off, if that is worth it and nothing was loaded yet.
  private func setAside(
    _ work: TableWork, rows: Int, targetHasRows: Bool, _ ledger: Ledger
  ) throws {
    guard !request.dryRun else { return }
    let choice = LoadingChoice(work: work, rows: rows, targetHasRows: targetHasRows).choice
    guard !choice.isEmpty else { return }
    // Before anything is suspended: a run that can't continue leaves the table as it is.
    let survey = try SetAside(ledger).survey(work.name, choice)
    try requireLateReferences(work, survey.kept)
    warnOfMissingRights(work, survey.kept)
    observer(.preparing(table: work.plan.name, step: "indexes set aside"))
    _ = try SetAside(ledger).setAside(work.name, choice)
  }

  private func warnOfMissingRights(_ work: TableWork, _ kept: [KeptObject]) {
    let reasons = kept.compactMap { object in
      if case .rightsMissing(let rights) = object.reason { (object.name, rights) } else { nil }
    }
    guard !reasons.isEmpty else { return }
    let rights = Set(reasons.flatMap(\.1)).sorted().joined(separator: ", ")
    observer(
      .warning(
        "\(reasons.map(\.0).joined(separator: ", ")) of \(work.plan.name) stay while it is loaded, which is "
          + "slower: building them again takes \(rights); see: migrate check-permissions"))
  }

  /// A row may refer to one that comes later: the server must not judge it before.
  ///
  /// With its foreign key in place it would be refused, though nothing is wrong with it.
  private func requireLateReferences(_ work: TableWork, _ kept: [KeptObject]) throws {
    guard work.staging == nil else { return }
    let late = Set(work.feeds.flatMap(\.program.deferredReferences).map(\.column))
    for key in work.target.foreignKeys where !late.isDisjoint(with: key.columns) {
      guard let object = kept.first(where: { $0.name == key.name }),
        object.reason != .triggersChanged
      else { continue }
      throw MigrationError(
        .coded(.schema),
        "rows of \(work.plan.name) may refer to rows that come later, and the foreign key \(key.name) "
          + "can't be set aside: \(object.reason.text)",
        reason: "foreignKeyInTheWay", place: "\(work.name)",
        remedy: "let the owner of the table migrate; see: migrate check-permissions")
    }
  }

  /// Loads the rows of a merged table into the target, once all of them are there.
  private func merge(_ work: TableWork, _ keeper: RunKeeper) throws {
    guard let staging = work.staging else { return }
    observer(.preparing(table: work.plan.name, step: "merging equal rows"))
    // Set at the first try: a later one may find that the commit of an earlier one has happened.
    var last: Int?
    try keeper.steadily(work.plan.name) { ledger in
      let before = try last ?? ledger.lastQuarantined()
      last = before
      let totals = try TableMerge(work: work, staging: staging, ledger: ledger).run()
      if let totals { keeper.merged(totals, of: work.plan.name, after: before) }
    }
  }

  /// What completes a table.
  func tableFinish(
    _ work: TableWork, _ session: Session, _ lanes: Int, _ ledger: Ledger
  ) -> TableFinish {
    TableFinish(
      work: work, ledger: ledger, session: session.id, run: run?.id, lanes: lanes,
      openTarget: { [request, idleTargets] in
        try idleTargets.take(timeout: .zero) ?? MigrationRun.openTarget(request, isKeeper: true)
      },
      giveBack: { [idleTargets] in idleTargets.keep($0, timeout: .zero) },
      statements: control.statements, isDryRun: request.dryRun,
      tell: { [observer] step in observer(.preparing(table: work.plan.name, step: step)) })
  }

  /// Foreign keys come back when all tables of the run are loaded.
  func restoreEverything(_ ledger: Ledger) throws {
    guard !request.dryRun, try !SetAside(ledger).pendingRestores().isEmpty else { return }
    if let half = try halfDoneCircle(ledger) {
      observer(
        .warning(
          "foreign keys stay off until all of these are migrated: \(half.joined(separator: ", "))"))
      return
    }
    observer(.preparing(table: "", step: "foreign keys"))
    try restoreAll(ledger)
  }

  /// Restores whatever is suspended, or says what is in the way.
  func restoreAll(_ ledger: Ledger) throws {
    let outcome = try Restoration(scope: .everything).work(through: ledger)
    if let failure = outcome.failures.first { throw explained(failure, ledger) }
  }

  private func explained(_ failure: Restoration.Failure, _ ledger: Ledger) -> any Error {
    guard (failure.error as? PostgresError)?.sqlState == .foreignKeyViolation else {
      return failure.told
    }
    // Who may not check the rows hears at least which key it is.
    let rows = DanglingRows(key: failure.object, connection: ledger.connection)
    return (try? rows.explanation()) ?? failure.told
  }

  /// Tables that refer to each other, of which some are loaded and others are not.
  private func halfDoneCircle(_ ledger: Ledger) throws -> [String]? {
    guard let session else { return nil }
    let states = try ledger.tables(session: session.id)
    return PlanOrder(request.plan.tables).cycles.first { circle in
      // Of a part's circle only its own tables come.
      let coming = states.filter { circle.contains($0.name) }
      let done = coming.count { $0.status == .done }
      return done > 0 && done < coming.count
    }
  }

  /// Two lanes keep both servers busy; a table of one chunk has no work for a second.
  private func laneCount(_ work: TableWork, chunks: Int) -> (count: Int, most: Int) {
    // If only the server can decide which rows collide, the first one is kept if it comes first.
    if request.dryRun || work.feeds.contains(where: \.program.hasServerJudgedSets)
      || LoadingChoice.keysMayMeet(work) || LoadingChoice.hasUnlistedUniqueness(work.target)
    {
      return (1, 1)
    }
    if let lanes = request.tuning.lanes { return (max(1, min(lanes, chunks)), Self.mostLanes) }
    let isSequential = work.feeds.contains(where: \.source.isSequential)
    return (chunks > 1 && !isSequential ? 2 : 1, Self.mostLanes)
  }
}
