import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// Moves one table: prepares it, lets lanes load it, and finishes it.
struct TableMove {
  let active: ActiveRun
  let plan: TablePlan
  let state: TableState
  var request: RunRequest { active.request }
  var tools: RunTools { active.tools }
  var connection: RunConnection { active.connection }

  init(_ active: ActiveRun, _ plan: TablePlan, _ state: TableState) {
    (self.active, self.plan, self.state) = (active, plan, state)
  }

  /// - Parameter next: the table that comes next, whose source is looked at meanwhile.
  func move(next: TablePlan?) throws {
    active.supervisor.checkpoints.begin(table: plan.name)
    let mayGoOn = try connection.retryOnConnectionLoss(plan.name) { _ in
      try active.supervisor.mayGoOn(with: state)
    }
    guard mayGoOn, let (work, before, begun) = try prepare(),
      tools.control.stopLevel == .keepRunning
    else { return }
    let lanes = LaneNumber(work, request, chunks: before?.chunks ?? 1)
    if let next { tools.prefetcher.begin(request.surveyRequest(next)) }
    let isToLoad = state.status != .loaded && state.status != .restoring
    if isToLoad {
      try load(work, before, lanes, begun)
      guard tools.control.stopLevel == .keepRunning else { return }
      try connection.retryOnConnectionLoss(plan.name) { _ in try tellSourceChanges(work) }
    }
    let suspended = try suspended()
    let copied = copiedKeys(work, suspended)
    let hasSuspended = suspended.contains { $0.table == work.name && $0.kind != .foreignKey }
    // Indexes may take hours, during which nothing else writes the file.
    if isToLoad, hasSuspended { active.supervisor.checkpoints.write(.running) }
    let isLate = mayHaveLateReferences(copied)
    // A table that needs nothing more is done in a moment.
    if isToLoad, hasSuspended || isLate || work.staging != nil || active.watchesCorruption {
      try connection.retryOnConnectionLoss(plan.name) { try $0.setStatus(.loaded, table: state.id) }
    }
    try merge(work)
    if isLate { try checkLateReferences(work, copied) }
    try readBack(work)
    guard tools.control.stopLevel == .keepRunning else { return }
    try finish(work, lanes, hasSuspended: hasSuspended, next: next)
  }

  /// Returns nil if the run was asked to stop before the table was ready, and else also its chunks, if the ledger says
  /// already that it is being loaded.
  private func prepare() throws -> (TableWork, TableProgress?, begun: [Chunk]?)? {
    tools.observer(.preparing(table: plan.name, step: "rules"))
    var preparation = try preparation(of: plan)
    if state.status == .pending || state.status == .running {
      preparation.tellMisfit = { throw TablePreparation.refusal($0, plan) }
      preparation.readsOn = true
    }
    var mayBeKnown = state.status == .pending
    do {
      return try connection.retryOnConnectionLoss(plan.name) { ledger in
        let surveys = tools.prefetcher.take(request.surveyRequest(plan))
        var expected: FedColumns?
        if mayBeKnown, let known = try active.stillKnown(plan, ledger) {
          // A second try finds what the first one may have committed.
          mayBeKnown = false
          if let begun = try preparation.begin(plan, state, ledger, known, surveys: surveys) {
            return (begun.work, begun.progress, begun.chunks)
          }
          expected = known.columns
        }
        let work = try preparation.prepare(
          plan, state, ledger, surveys: surveys, expected: expected)
        let progress = try ledger.progress(session: active.session.id, tables: [plan.name])
        return (work, progress.first, nil)
      }
    } catch is SurveyAbandoned {
      return nil
    }
  }

  func preparation(of plan: TablePlan) throws -> TablePreparation {
    TablePreparation(
      request: request, source: tools.source, context: try active.context(),
      lookups: active.lookups,
      deferredTables: PlanOrder(request.plan.tables).tablesAfter(plan.name),
      fingerprintKey: active.session.fingerprintKey,
      tell: { [observer = tools.observer] step in
        observer(.preparing(table: plan.name, step: step))
      },
      stopLevel: { [control = tools.control] in control.stopLevel })
  }

  private func suspended() throws -> [SuspendedObject] {
    guard !request.dryRun, active.hasSuspended else { return [] }
    return try connection.retryOnConnectionLoss(plan.name) {
      try SuspendedObjects($0).pendingRestores()
    }
  }

  /// Loads the rows of a merged table into the target, once all of them are there.
  private func merge(_ work: TableWork) throws {
    guard let staging = work.staging else { return }
    tools.observer(.preparing(table: plan.name, step: "merging equal rows"))
    try connection.retryOnConnectionLoss(plan.name) { ledger in
      guard let (totals, last) = try TableMerge(work: work, staging: staging, ledger: ledger).run()
      else { return }
      active.supervisor.merged(totals, of: plan.name, after: last)
    }
  }

  private func finish(
    _ work: TableWork, _ lanes: LaneNumber, hasSuspended: Bool, next: TablePlan?
  ) throws {
    let supervisor = active.supervisor
    let known = try next.flatMap { try active.known($0) }
    let sheet = try connection.retryOnConnectionLoss(plan.name) { ledger in
      try tableFinish(work, lanes.count, ledger).finish(
        hasSuspended: hasSuspended, endsAtOnce: supervisor.admitsWithoutRejects,
        asking: known?.isUnchanged, { active.note(isUnchanged: $0, of: next) }
      ) {
        try supervisor.admits($0, ledger)
      }
    }
    guard let sheet else { return }
    active.lookups.keep(only: Set(request.plan.tables.flatMap(\.referencedTables)))
    supervisor.checkpoints.tableEnded()
    tools.observer(
      .tableEnded(
        RunOutcome.Table(
          name: plan.name, sheet: sheet, isDone: true,
          alwaysNull: active.alwaysNull[plan.name] ?? [])))
  }

  /// What completes a table.
  func tableFinish(_ work: TableWork, _ lanes: Int, _ ledger: Ledger) -> TableFinish {
    TableFinish(
      work: work, ledger: ledger, session: active.session.id, run: active.run.id, lanes: lanes,
      targets: tools.targets, statements: tools.control.statements, isDryRun: request.dryRun,
      tell: { [observer = tools.observer, plan] step in
        observer(.preparing(table: plan.name, step: step))
      })
  }
}
