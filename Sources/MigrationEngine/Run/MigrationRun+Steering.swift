import MigrationLedger
import MigrationPlan
import Postgres

extension MigrationRun {
  /// Runs a body while signs of life are given and other terminals are listened to.
  ///
  /// - Returns: what the body says, or false if it was cancelled because someone asked for it.
  func withPulse(_ run: Run, _ body: () throws -> Bool) throws -> Bool {
    // The run of a dry run is in a transaction that no one else sees.
    guard !request.dryRun else { return try body() }
    let pulse = RunPulse(
      run: run.id, control, observer: observer,
      openTarget: { [request] in try MigrationRun.openTarget(request) })
    try pulse.start()
    defer { pulse.stop() }
    do { return try body() } catch let error as PostgresError {
      guard error.sqlState == .queryCanceled, control.wish == .cancel, control.cause != nil else {
        throw error
      }
      return false
    }
  }

  /// Goes by what was configured for the session, except if this command line says otherwise.
  func adopt(_ session: Session) {
    // Only a command line gives a time of the day, or minutes, to begin with.
    let time = request.stops.timeLimit
    request.earlier.apply(to: &request)
    RunAdjustments(session.settings).apply(to: &request)
    request.given.apply(to: &request)
    request.stops.timeLimit = time ?? request.stops.timeLimit
  }

  private func isNothingLeft(_ tables: [TablePlan], _ ledger: Ledger) throws -> Bool {
    guard let session, try SetAside(ledger).pendingRestores().isEmpty else { return false }
    let done = try ledger.tables(session: session.id).filter { $0.status == .done }.map(\.name)
    return Set(done).isSuperset(of: tables.map(\.name))
  }

  /// Moves all tables and restores what was suspended; returns false if it was asked to stop.
  package func move(
    _ tables: [TablePlan], _ states: [TableState], _ keeper: RunKeeper
  ) throws -> Bool {
    let left = tables.compactMap { table in
      states.first { $0.name == table.name && $0.status != .done }.map { (table, $0) }
    }
    for (place, (table, state)) in left.enumerated() where control.wish == .goOn {
      let next = left.dropFirst(place + 1).first
      let comesNext = !request.dryRun && next?.1.status == .pending
      try moveTable(table, state, keeper, next: comesNext ? next?.0 : nil)
    }
    guard control.wish == .goOn else {
      // Who asks for a pause when all is done comes too late.
      return try keeper.steadily(request.plan.name) { try isNothingLeft(tables, $0) }
    }
    // What foreign keys may take hours for, no one else has to wait for.
    source.release()
    idleTargets.drop()
    try keeper.steadily(request.plan.name) { try restoreEverything($0) }
    return true
  }
}
