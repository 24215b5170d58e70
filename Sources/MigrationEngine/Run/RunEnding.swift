import MigrationLedger
import MigrationPlan
import Postgres

/// How a run ends: what is restored, what the ledger records of it, and what is reported.
struct RunEnding {
  private let run: ActiveRun
  private var request: RunRequest { run.request }

  init(_ run: ActiveRun) { self.run = run }

  func end(isDone: Bool) throws -> RunOutcome {
    // Who asks for a pause when all is done comes too late.
    let ending = isDone ? .completed : RunOutcome.Ending(run.tools.control.cause)
    var outcome = try run.connection.retryOnConnectionLoss(request.plan.name) { ledger in
      try RunOutcome(
        ending, of: run.session, run: run, run.tables, run.tools, request, through: ledger)
    }
    if request.dryRun {
      let ledger = run.connection.ledger
      outcome.rejects = try DryRunRejects(ledger, run.session, withRows: request.keepsRejects)
      try request.stage?.inspect(ledger, run.session)
      try ledger.connection.rollback()
      return outcome
    }
    if outcome.openRows > 0 { run.reportQuarantined(through: run.connection.ledger) }
    let isAllDone = try run.connection.retryOnConnectionLoss(request.plan.name) { ledger in
      try close(ending, ledger)
    }
    outcome.endsSession = isAllDone && !request.isPart
    let checkpoints = run.supervisor.checkpoints
    if isAllDone { checkpoints.remove() } else { checkpoints.write(ending.inCheckpoint) }
    return outcome
  }

  /// Ends the run in the ledger, and the session if all its tables are done; returns whether they are.
  private func close(_ ending: RunOutcome.Ending, _ ledger: Ledger) throws -> Bool {
    // A run that was paused before foreign keys came back has still something to do.
    let isAllDone =
      try ledger.tables(session: run.session.id).allSatisfy { $0.status == .done }
      && SuspendedObjects(ledger).pendingRestores().isEmpty
    var pipeline = Pipeline()
    pipeline.begin()
    ledger.endRun(run.run.id, as: ending.inLedger, note: ending.note, in: &pipeline)
    if isAllDone { ledger.endSession(run.session.id, as: .completed, in: &pipeline) }
    pipeline.commit()
    try ledger.connection.runTransaction(pipeline)
    return isAllDone
  }
}

extension RunOutcome {
  /// Reads what a session has come to.
  ///
  /// - Parameter run: the run that ends; nil if there was nothing left to do.
  init(
    _ ending: Ending, of session: Session, run: ActiveRun?, _ tables: [TablePlan],
    _ tools: RunTools, _ request: RunRequest, through ledger: Ledger
  ) throws {
    let sheets = try ledger.balance(session: session.id, run: run?.run.id)
    let states = try ledger.tables(session: session.id)
    let results = tables.compactMap { table -> RunOutcome.Table? in
      guard let sheet = sheets.first(where: { $0.table == table.name }) else { return nil }
      let isDone = states.contains { $0.name == table.name && $0.status == .done }
      return RunOutcome.Table(
        name: table.name, sheet: sheet, isDone: isDone,
        alwaysNull: run?.alwaysNull[table.name] ?? [])
    }
    let isOneMoment =
      tools.source.isFrozen
      ? tools.source.isOneMoment
      : try tools.source.isOneMoment && ledger.readers(session: session.id) < 2
    let accepted = run?.supervisor.accepted ?? []
    self.init(
      ending: ending, session: session.id, tables: results,
      duration: ContinuousClock.now - tools.started, isConsistent: isOneMoment,
      wasComplete: session.status == .completed, isDryRun: request.dryRun,
      tableInHand: run?.supervisor.checkpoints.tableInHand,
      // What earlier runs of the session and this one let pass; of a table the last.
      accepted: session.accepted.filter { old in !accepted.contains { $0.table == old.table } }
        + accepted,
      acceptedByRun: accepted)
    totals = SessionTotals(session, states, sheets)
  }
}

extension RunOutcome.Ending {
  /// How a run ends that was asked to stop for a cause, before all was done.
  init(_ cause: StopCause?) {
    self =
      switch cause {
      case nil: .completed
      case .limit(let code, let what): .stopped(code, what)
      case let cause?: .paused(cause)
      }
  }
}

extension RunOutcome.Ending {
  /// What the ledger notes next to the ending.
  var note: String? {
    if case .stopped(let code, let what) = self { "\(code.rawValue) \(what)" } else { nil }
  }

  var inLedger: Run.Ending {
    switch self {
    case .completed: .completed
    case .stopped: .stopped
    case .paused(.interrupted), .paused(.terminated): .interrupted
    case .paused: .paused
    }
  }

  var inCheckpoint: Checkpoint.Status {
    switch self {
    case .completed: .paused
    case .stopped: .stopped
    case .paused(.interrupted), .paused(.terminated): .interrupted
    case .paused: .paused
    }
  }
}
