import Postgres

/// The way of one table: made ready, loaded by lanes, finished.
extension MigrationRun {
  func moveTable(_ plan: TablePlan, _ state: TableState, _ keeper: RunKeeper) throws {
    guard let session else { return }
    takeChanges()
    observer(.preparing(table: plan.name, step: "rules"))
    let preparation = TablePreparation(
      request: request, source: source, context: context(session), lookups: lookups,
      deferredTables: tablesAfter(plan),
      tell: { [observer] step in
        observer(.preparing(table: plan.name, step: step))
      })
    let work = try retrying(plan, keeper) { try preparation.prepare(plan, state, $0) }
    guard control.wish == .goOn else { return }
    let (lanes, most) = try laneCount(work, keeper.ledger)
    if state.status != .loaded, state.status != .restoring {
      try load(work, state, (lanes, most), keeper)
      guard control.wish == .goOn else { return }
      try keeper.ledger.setStatus(.loaded, table: state.id)
    }
    try retrying(plan, keeper) { _ in try finish(work, session, lanes, keeper) }
    lookups.keep(only: Set(request.plan.tables.flatMap(\.referencedTables)))
    keeper.writeCheckpoint(.running)
    if let sheet = try keeper.ledger.balance(session: session.id).first(where: {
      $0.table == plan.name
    }) {
      observer(.tableEnded(RunOutcome.Table(name: plan.name, sheet: sheet, isDone: true)))
    }
  }

  /// However many lanes are asked for, each takes a connection to either server.
  private static let mostLanes = 64

  /// Goes by what other terminals have changed, from this table on.
  private func takeChanges() { control.adjustments.apply(to: &request) }

  /// Repeats what the keeper does by itself as often as lanes may repeat a chunk.
  private func retrying<Value>(
    _ plan: TablePlan, _ keeper: RunKeeper, _ body: (Ledger) throws -> Value
  ) throws -> Value {
    var failures = 0
    while true {
      do {
        try keeper.ensureConnection()
        return try body(keeper.ledger)
      } catch let error as PostgresError where error.nature == .transient {
        failures += 1
        guard failures <= request.tuning.maximumRetries, !request.dryRun,
          control.wish == .goOn
        else { throw error }
        let wait = Backoff().wait(after: failures)
        observer(
          .retrying(table: plan.name, chunk: nil, failure: error.description, wait: wait))
        WorkerThread.sleep(wait)
      }
    }
  }

  private func context(_ session: Session) -> RunContext {
    RunContext(
      runTime: RunTime(microseconds: Int64(session.runTime.microseconds)),
      hashKey: request.hashKey, timeZone: request.plan.source.timeZone)
  }

  /// Tables of a circle that come later in the order.
  private func tablesAfter(_ plan: TablePlan) -> Set<String> {
    let order = PlanOrder(request.plan.tables)
    guard let circle = order.cycles.first(where: { $0.contains(plan.name) }),
      let place = circle.firstIndex(of: plan.name)
    else { return [] }
    return Set(circle[(place + 1)...])
  }

  private func load(
    _ work: TableWork, _ state: TableState, _ lanes: (count: Int, most: Int), _ keeper: RunKeeper
  ) throws {
    try setAside(work, state, keeper.ledger)
    try keeper.ledger.setStatus(.running, table: state.id)
    let board = LaneBoard(control)
    let around = surroundings(work, board, keeper)
    if request.dryRun {
      Lane(0, around, ledger: keeper.ledger)?.run()
    } else {
      let crew = LaneCrew(around, count: lanes.count, most: lanes.most)
      do {
        try crew.start()
        try keeper.watch(work, board, crew)
      } catch { board.fail(error) }
      crew.join()
    }
    if let failure = board.failure { throw failure }
  }

  private func surroundings(
    _ work: TableWork, _ board: LaneBoard, _ keeper: RunKeeper
  ) -> Lane.Surroundings {
    Lane.Surroundings(
      work: work, board: board, source: source,
      openTarget: { [request] in try MigrationRun.openTarget(request) },
      run: keeper.run.id, transaction: ChunkTransaction(isDryRun: request.dryRun),
      maximumRetries: request.tuning.maximumRetries, throttle: request.tuning.throttle,
      chunkTimeout: request.tuning.chunkTimeout,
      errorLog: keeper.errorLog,
      observer: observer)
  }

  /// Takes indexes and constraints off, if that is worth it and nothing was loaded yet.
  private func setAside(_ work: TableWork, _ state: TableState, _ ledger: Ledger) throws {
    guard !request.dryRun, state.status == .pending else { return }
    let progress = try ledger.progress(session: session?.id ?? 0)
    let rows = progress.first { $0.table.id == state.id }?.rowEstimate ?? 0
    let choice = try LoadingChoice(
      work: work, rows: rows,
      targetHasRows: try TablePreparation.hasRows(work.target, ledger.connection)
    ).choice(ledger.connection)
    guard !choice.isEmpty else { return }
    observer(.preparing(table: work.plan.name, step: "indexes set aside"))
    _ = try SetAside(ledger).setAside(work.name, choice)
  }

  private func finish(
    _ work: TableWork, _ session: Session, _ lanes: Int, _ keeper: RunKeeper
  ) throws {
    try TableFinish(
      work: work, ledger: keeper.ledger, session: session.id, lanes: lanes,
      openTarget: { [request, control] in
        let ledger = try MigrationRun.openTarget(request, isKeeper: true)
        control.statements.enter(helper: ledger.connection)
        return ledger
      },
      isDryRun: request.dryRun,
      tell: { [observer] step in observer(.preparing(table: work.plan.name, step: step)) }
    ).run()
  }

  /// Foreign keys come back when all tables of the run are loaded.
  func restoreEverything(_ keeper: RunKeeper) throws {
    guard !request.dryRun, try !SetAside(keeper.ledger).pendingRestores().isEmpty else { return }
    observer(.preparing(table: "", step: "foreign keys"))
    try Restoration(scope: .everything).work(through: keeper.ledger).requireSuccess()
  }

  /// Two lanes keep both servers busy on large tables; a small one is done before a second begins.
  private func laneCount(
    _ work: TableWork, _ ledger: Ledger
  ) throws -> (count: Int, most: Int) {
    // Where only the server can tell which rows collide, the first one wins if it comes first.
    if try request.dryRun
      || LoadingChoice.hasUnlistedUniqueness(work.target, ledger.connection)
    {
      return (1, 1)
    }
    let chunks =
      try ledger.progress(session: session?.id ?? 0)
      .first { $0.table.id == work.id }?.chunks ?? 1
    if let lanes = request.tuning.lanes { return (max(1, min(lanes, chunks)), Self.mostLanes) }
    return (chunks > 3 ? 2 : 1, Self.mostLanes)
  }
}
