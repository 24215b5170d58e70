import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// A run from the moment on that it is in the ledger, with its session open.
final class ActiveRun {
  /// Changes with what other terminals ask for, from table to table.
  private(set) var request: RunRequest
  let tools: RunTools
  let session: Session
  let run: Run
  /// The tables to move, in the order of loading.
  let tables: [TablePlan]
  /// The session's tables as they were when the run began.
  let states: [TableState]
  let connection: RunConnection
  let supervisor: RunSupervisor
  let lookups: LookupLoading
  /// Of a dry run.
  let rehearsal: Rehearsal?
  /// What is null in every row that this run loaded, by table.
  var alwaysNull: [String: [AlwaysNull]] = [:]
  /// The tables that this run has begun or continued.
  private var moved: Set<String> = []
  /// Whether indexes or constraints may be off their tables.
  private(set) var hasSuspended = true
  /// What was asked of the target before the first table.
  private var survey: TargetSurvey?
  /// The table that comes next, if it is what the survey found.
  private var unchanged: String?

  init(
    _ request: RunRequest, _ tools: RunTools, _ session: Session, _ run: Run,
    tables: [TablePlan], states: [TableState], ledger: Ledger
  ) throws {
    (self.request, self.tools, self.session, self.run) = (request, tools, session, run)
    (self.tables, self.states) = (tables, states)
    rehearsal = try Self.rehearsal(request, tools, session)
    lookups = Self.lookups(request, rehearsal)
    connection = RunConnection(ledger, run, tools, request)
    let earlier = session.isContinued ? try ledger.balance(session: session.id) : []
    supervisor = RunSupervisor(
      request, tools, session, connection, tables: tables, earlier: earlier)
  }

  private static func rehearsal(
    _ request: RunRequest, _ tools: RunTools, _ session: Session
  ) throws -> Rehearsal? {
    guard request.dryRun else { return nil }
    return Rehearsal(request, tools.source, try request.plan.context(writing: session))
  }

  private static func lookups(_ request: RunRequest, _ rehearsal: Rehearsal?) -> LookupLoading {
    let schema = request.plan.target.schema
    guard let rehearsal else { return LookupLoading(schema: schema) }
    return LookupLoading(schema: schema) { try rehearsal.rows(of: $0, $1) }
  }

  /// What the session's rules know.
  func context() throws -> RunContext { try request.plan.context(writing: session) }

  /// Goes by what other terminals have changed, from the next table on.
  func takeChanges() {
    request.settings = tools.control.settings
    connection.maximumRetries = request.settings.maximumRetries
  }

  /// Moves all tables and restores what was suspended; returns false if it was asked to stop.
  func move() throws -> Bool {
    if session.isContinued, !request.dryRun {
      tools.observer(
        .continued(RunContinuation(tables.map(\.name), states, supervisor.earlier)))
    }
    try connection.ledger.remember(RunOptions(request), session: session.id)
    try connection.retryOnConnectionLoss(request.plan.name) { _ in try supervisor.reconcile() }
    return try withHeartbeat {
      do {
        try moveTables()
        return try finish()
      } catch  where stopped(by: error) {
        return false
      }
    }
  }

  private func moveTables() throws {
    let left = tables.compactMap { table in
      states.first { $0.name == table.name && $0.status != .done }.map { (table, $0) }
    }
    try lookAtTarget(left.filter { $0.1.status == .pending }.map(\.0))
    for (place, (table, state)) in left.enumerated() where tools.control.stopLevel == .keepRunning {
      let next = left.dropFirst(place + 1).first
      let comesNext = !request.dryRun && next?.1.status == .pending
      takeChanges()
      moved.insert(table.name)
      try TableMove(self, table, state).move(next: comesNext ? next?.0 : nil)
    }
  }

  /// Asks the target what the tables that are to be begun are like.
  private func lookAtTarget(_ tables: [TablePlan]) throws {
    guard !request.dryRun else { return }
    try connection.retryOnConnectionLoss(request.plan.name) { ledger in
      hasSuspended = try !SuspendedObjects(ledger).pendingRestores().isEmpty
      if !tables.isEmpty {
        survey = try TargetSurvey(
          of: tables, states: states, schema: request.plan.target.schema, ledger)
        unchanged = tables.first?.name
      }
    }
  }

  /// Returns what was found out of a table of which nothing is prepared; nil if it has to ask for itself.
  func known(_ plan: TablePlan) throws -> TargetSurvey.Table? { try survey?.table(plan) }

  /// Returns what is known of a table whose turn has come, if it is still so.
  func stillKnown(_ plan: TablePlan, _ ledger: Ledger) throws -> TargetSurvey.Table? {
    guard let known = try known(plan) else { return nil }
    if unchanged == plan.name { return known }
    let isUnchanged = try ledger.connection.query("SELECT " + known.isUnchanged).bool(0, 0)
    return isUnchanged == true ? known : nil
  }

  /// Notes what the end of a table found out about the next one.
  func note(isUnchanged: Bool, of next: TablePlan?) {
    unchanged = isUnchanged ? next?.name : nil
  }

  /// Notes that indexes or constraints will be taken off a table, which changes others as well.
  func willSuspend() { (hasSuspended, survey) = (true, nil) }

  /// Returns whether nothing is left to do.
  private func finish() throws -> Bool {
    guard tools.control.stopLevel == .keepRunning else {
      // Who asks for a pause when all is done comes too late.
      return try connection.retryOnConnectionLoss(request.plan.name) { try isNothingLeft($0) }
    }
    // What foreign keys may take hours for, no one else has to wait for.
    tools.source.release()
    tools.targets.dropIdle()
    try connection.retryOnConnectionLoss(request.plan.name) { try restoreForeignKeys($0) }
    return true
  }

  private func isNothingLeft(_ ledger: Ledger) throws -> Bool {
    guard try SuspendedObjects(ledger).pendingRestores().isEmpty else { return false }
    let done = try ledger.tables(session: session.id).filter { $0.status == .done }.map(\.name)
    return Set(done).isSuperset(of: tables.map(\.name))
  }

  /// Foreign keys come back when all tables of the run are loaded.
  private func restoreForeignKeys(_ ledger: Ledger) throws {
    guard !request.dryRun, try !SuspendedObjects(ledger).pendingRestores().isEmpty else { return }
    if let half = try halfDoneCircle(ledger) {
      return tools.warn(
        "foreign keys stay suspended until all of these are migrated: \(half.joined(separator: ", "))"
      )
    }
    tools.observer(.preparing(table: "", step: "foreign keys"))
    try Restoration.restoreEverything(ledger)
  }

  /// Tables that refer to each other, of which some are loaded and others are not.
  private func halfDoneCircle(_ ledger: Ledger) throws -> [String]? {
    let states = try ledger.tables(session: session.id)
    return PlanOrder(request.plan.tables).cycles.first { circle in
      // Of a part's circle only its own tables come.
      let coming = states.filter { circle.contains($0.name) }
      let done = coming.count { $0.status == .done }
      return done > 0 && done < coming.count
    }
  }

  /// Runs a body while signs of life are given and other terminals are listened to.
  ///
  /// - Returns: what the body says, or false if it was cancelled because someone asked for it.
  private func withHeartbeat(_ body: () throws -> Bool) throws -> Bool {
    // The run of a dry run is in a transaction that no one else sees.
    guard !request.dryRun else { return try body() }
    let limit = request.settings.chunkTimeout
    let signs = SignsOfLife()
    let heartbeat = RunHeartbeat(
      run: run.id, tools.control, signs: signs, observer: tools.observer,
      openTarget: { [targets = tools.targets] in try targets.open(statements: limit) },
      tend: closingIdle)
    try heartbeat.start()
    defer { heartbeat.stop() }
    let health = request.databases.healthCheckInterval.map {
      HealthWatch(every: $0, source: tools.source, target: signs, tools.observer)
    }
    try health?.start()
    defer { health?.stop() }
    do { return try body() } catch let error as PostgresError {
      guard error.sqlState == .queryCanceled, tools.control.stopLevel == .cancel,
        tools.control.cause != nil
      else { throw error }
      return false
    }
  }

  /// Closes connections that were idle for longer than they may be.
  private var closingIdle: @Sendable () -> Void {
    guard let time = request.databases.idleTimeout else { return {} }
    return { [targets = tools.targets, source = tools.source] in
      targets.close(idleFor: time)
      source.close(idleFor: time)
    }
  }

  /// Notes what ended the run as far as the target can still be reached.
  func noteFailure(_ error: any Error) {
    guard !request.dryRun,
      let ledger = try? tools.targets.open(statements: request.settings.chunkTimeout)
    else { return }
    try? ledger.endRun(run.id, as: .failed, note: "\(error)")
    reportQuarantined(through: ledger)
    supervisor.checkpoints.writeFailure(through: ledger)
  }

  /// Reports what rows of this run's tables are quarantined for; one question a run, which may fail without
  /// ending it.
  func reportQuarantined(through ledger: Ledger) {
    do {
      let patterns = try ledger.quarantinePatterns(session: session.id).filter {
        $0.openCount > 0 && moved.contains($0.table)
      }
      if !patterns.isEmpty {
        tools.observer(.quarantined(QuarantinedRows(patterns: patterns)))
      }
    } catch {
      tools.warn("could not read what rows are quarantined for: \(error)")
    }
  }
}
