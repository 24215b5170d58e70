import MigrationLedger
import MigrationPlan

/// How a run ends: what is restored, what the ledger records of it, and what is reported.
extension MigrationRun {
  package func end(
    _ tables: [TablePlan], _ session: Session, _ keeper: RunKeeper, isDone: Bool
  ) throws -> RunOutcome {
    // Who asks for a pause when all is done comes too late.
    let ending = isDone ? .completed : self.ending
    var outcome = try keeper.steadily(request.plan.name) { ledger in
      try self.outcome(ending, tables, session, ledger)
    }
    if request.dryRun {
      outcome.rejects = try DryRunRejects(
        keeper.ledger, session, withRows: request.keepsRejects)
      try request.stage?.inspect(keeper.ledger, session)
      try keeper.ledger.connection.rollback()
      return outcome
    }
    let isAllDone = try keeper.steadily(request.plan.name) { ledger in
      try close(session, ending, ledger)
    }
    outcome.endsSession = isAllDone && !request.isPart
    if isAllDone {
      removeCheckpoint()
    } else {
      keeper.writeCheckpoint(ending.inCheckpoint)
    }
    return outcome
  }

  /// Takes the checkpoint file away; that this fails undoes nothing of what is complete.
  private func removeCheckpoint() {
    do { try checkpoint?.remove() } catch {
      observer(.warning("the migration is complete, and its checkpoint file stays: \(error)"))
    }
  }

  /// Takes away the checkpoint file of a session that has ended.
  func removeLeftCheckpoint(_ ledger: Ledger) {
    do {
      guard try checkpoint?.removeIfEnded(ledger) == true else { return }
      observer(
        .warning("the checkpoint file was left by a run that was killed at its end; it is removed"))
    } catch { observer(.warning("the checkpoint file stays: \(error)")) }
  }

  /// Ends the run in the ledger, and the session if all its tables are done; returns whether they are.
  private func close(
    _ session: Session, _ ending: RunOutcome.Ending, _ ledger: Ledger
  ) throws -> Bool {
    // A run that was paused before foreign keys came back has still something to do.
    let isAllDone =
      try ledger.tables(session: session.id).allSatisfy { $0.status == .done }
      && SetAside(ledger).pendingRestores().isEmpty
    try ledger.atomically {
      if let run { try ledger.endRun(run.id, as: ending.inLedger, note: ending.note) }
      if isAllDone { try ledger.endSession(session.id, as: .completed) }
    }
    return isAllDone
  }

  package var ending: RunOutcome.Ending {
    switch control.cause {
    case nil: .completed
    case .limit(let code, let what): .stopped(code, what)
    case let cause?: .paused(cause)
    }
  }

  /// What earlier runs of the session and this one let pass; of a table the last.
  private func accepted(_ session: Session) -> [AcceptedRejects] {
    session.accepted.filter { old in !accepted.contains { $0.table == old.table } } + accepted
  }

  package func outcome(
    _ ending: RunOutcome.Ending, _ tables: [TablePlan], _ session: Session, _ ledger: Ledger
  ) throws -> RunOutcome {
    let sheets = try ledger.balance(session: session.id, run: run?.id)
    let states = try ledger.tables(session: session.id)
    let results = tables.compactMap { table -> RunOutcome.Table? in
      guard let sheet = sheets.first(where: { $0.table == table.name }) else { return nil }
      let isDone = states.contains { $0.name == table.name && $0.status == .done }
      return RunOutcome.Table(
        name: table.name, sheet: sheet, isDone: isDone, alwaysNull: alwaysNull[table.name] ?? [])
    }
    let isOneMoment =
      source.isFrozen
      ? source.isOneMoment
      : try source.isOneMoment && ledger.readers(session: session.id) < 2
    return RunOutcome(
      ending: ending, session: session.id, tables: results,
      duration: ContinuousClock.now - started,
      isConsistent: isOneMoment,
      wasComplete: session.status == .completed, isDryRun: request.dryRun, forecast: forecast,
      tableInHand: tableInHand, accepted: accepted(session),
      acceptedByRun: accepted)
  }
}

extension RunOutcome.Ending {
  /// What the ledger notes next to the ending.
  package var note: String? {
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
