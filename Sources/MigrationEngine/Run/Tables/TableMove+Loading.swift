import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// The load of a table by lanes.
extension TableMove {
  /// - Parameters:
  ///   - before: what was committed before this run.
  ///   - begun: all chunks of a table that the ledger says is being loaded; nil if it is to be said.
  func load(
    _ work: TableWork, _ before: TableProgress?, _ lanes: LaneNumber, _ begun: [Chunk]?
  ) throws {
    if begun == nil {
      try connection.retryOnConnectionLoss(plan.name) { try beginLoad(work, before, $0) }
    }
    let tickets =
      begun.map { ChunkTickets(known: $0, others: 0) }
      ?? ChunkTickets(others: before.map { $0.chunks - $0.chunksDone })
    let coordinator = LaneCoordinator(tools.control, tickets)
    let around = laneContext(work, coordinator)
    if request.dryRun {
      let ledger = connection.ledger
      try active.takeOffForeignKeys(work, ledger.connection)
      try active.holdSequences(work, ledger)
      Lane(0, around, ledger: ledger)?.run()
    } else {
      let pool = LanePool(around, count: lanes.count, most: lanes.most)
      do {
        try pool.start()
        try active.supervisor.watch(work, coordinator, pool, before)
      } catch { coordinator.fail(error) }
      pool.join()
    }
    active.alwaysNull[plan.name] = coordinator.alwaysNull(work)
    if let failure = coordinator.failure { throw failure }
  }

  private func beginLoad(
    _ work: TableWork, _ before: TableProgress?, _ ledger: Ledger
  ) throws {
    if state.status == .pending {
      let rowsBefore = try ledger.noteRowsBefore(in: work.target, table: state.id)
      try ledger.noteSequencesBefore(Sequences(ledger).sequences(of: work.name), table: state.id)
      try suspend(work, rows: before?.rowEstimate ?? 0, targetHasRows: rowsBefore > 0, ledger)
    }
    if let staging = work.staging, let columns = work.feeds.first?.program.targetColumns {
      try staging.create(like: work.name, columns: columns, ledger)
    }
    try ledger.setStatus(.running, table: state.id)
  }

  private func laneContext(_ work: TableWork, _ coordinator: LaneCoordinator) -> Lane.Context {
    Lane.Context(
      work: work, coordinator: coordinator, source: tools.source, targets: tools.targets,
      run: active.run.id, transaction: ChunkTransaction(isDryRun: request.dryRun),
      settings: request.settings, idleTimeout: request.databases.idleTimeout,
      errorLog: active.supervisor.errorLog,
      observer: tools.observer)
  }

  /// Takes indexes and constraints off, if that is worth it and nothing was loaded yet.
  private func suspend(
    _ work: TableWork, rows: Int, targetHasRows: Bool, _ ledger: Ledger
  ) throws {
    guard !request.dryRun else { return }
    let choice = LoadingChoice(work: work, rows: rows, targetHasRows: targetHasRows).choice
    guard !choice.isEmpty else { return }
    // Before anything is suspended: a run that can't continue leaves the table as it is.
    let survey = try SuspendedObjects(ledger).survey(work.name, choice)
    try requireLateReferences(work, survey.kept)
    warnOfMissingRights(survey.kept)
    tools.observer(.preparing(table: plan.name, step: "suspending indexes"))
    active.willSuspend()
    _ = try SuspendedObjects(ledger).setAside(work.name, choice)
  }

  private func warnOfMissingRights(_ kept: [KeptObject]) {
    let reasons = kept.compactMap { object in
      if case .rightsMissing(let rights) = object.reason { (object.name, rights) } else { nil }
    }
    guard !reasons.isEmpty else { return }
    let rights = Set(reasons.flatMap(\.1)).sorted().joined(separator: ", ")
    tools.warn(
      "\(reasons.map(\.0).joined(separator: ", ")) of \(plan.name) are not suspended, which is "
        + "slower: rebuilding them needs \(rights); see: migrate check-permissions")
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
        "rows of \(plan.name) may refer to later rows, and the foreign key \(key.name) "
          + "cannot be suspended: \(object.reason.text)",
        reason: "foreignKeyInTheWay", place: "\(work.name)",
        remedy: "migrate as the owner of the table; see: migrate check-permissions")
    }
  }
}
