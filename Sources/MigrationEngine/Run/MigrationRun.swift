import FoundationEssentials
import Glibc
import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// Runs a migration: one process's try at a session, from the lock to the row counts.
///
/// What is done is in the target's ledger and nowhere else; a run that is killed at any time
/// is continued by the next one, which asks the ledger.
public final class MigrationRun {
  /// Changes with what the session keeps and what other terminals ask for.
  package var request: RunRequest
  package let control: RunControl
  package let observer: RunObserver
  package let source: any RowSource
  let scout: SourceScout
  let idleTargets = IdleTargets()
  package let started = ContinuousClock.now
  package var session: Session?
  package var run: Run?
  package var forecast: RunForecast?
  package var lookups: LookupLoading
  /// What is null in every row that this run loaded, by table.
  package var alwaysNull: [String: [AlwaysNull]] = [:]
  /// Tables that this run let pass with more rejects than the session allowed.
  package var accepted: [AcceptedRejects] = []
  /// The table that is moved, or was moved last.
  package var tableInHand: String?
  /// Of a dry run.
  private(set) var rehearsal: Rehearsal?
  package var checkpoint: CheckpointFile?
  /// Whether the plan's check and the rights were asked for.
  var isChecked = false
  /// A checkpoint file that was refused stays as it is.
  private var mayWriteCheckpoint = false

  private init(
    _ request: RunRequest, _ control: RunControl, _ observer: @escaping RunObserver
  ) throws {
    (self.request, self.control, self.observer) = (request, control, observer)
    source = try request.databases.source.source(
      connectTimeout: request.databases.connectTimeout, reading: request.databases.reading,
      locks: SourceTableLocks(request.plan, patience: request.databases.lockTimeout),
      inLanes: true)
    scout = SourceScout(source) { control.wish == .goOn }
    lookups = LookupLoading(schema: request.plan.target.schema)
    // Both files are the migration's as a whole.
    if request.isPart { (self.request.checkpointFile, self.request.errorLogFile) = (nil, nil) }
    checkpoint = request.dryRun ? nil : self.request.checkpointFile.map { CheckpointFile($0) }
  }

  /// Moves what the request asks for, or as much of it as can be moved.
  ///
  /// - Throws: `MigrationError`, `LedgerError` or `PlanFaults` if work is left because of a
  ///   failure. What was committed before is safe, and a later run continues from there.
  public static func run(
    _ request: RunRequest, control: RunControl = RunControl(),
    observer: @escaping RunObserver = { _ in }
  ) throws -> RunOutcome {
    try request.plan.requireHashKey()
    let run = try MigrationRun(request, control, observer)
    defer {
      run.scout.end()
      run.idleTargets.drop()
      run.source.release()
    }
    run.foretell()
    do { return try run.perform() } catch {
      throw RunFailure.of(error, place: request.plan.name)
    }
  }

  /// Reports whether the run is expected to end in time; it begins even if that cannot be estimated.
  ///
  /// A plan's time is a safety limit, for which no run is kept waiting until something is measured.
  private func foretell() {
    guard request.stops.timeLimit != nil, !request.dryRun else { return }
    do {
      forecast = try RunForecast.make(request)
      if let forecast {
        observer(.forecast(forecast))
      } else {
        observer(
          .warning("whether the time is enough is not known: there is nothing to measure by"))
      }
    } catch {
      observer(.warning("whether the time is enough is not known: \(error)"))
    }
  }

  private func perform() throws -> RunOutcome {
    let tables = try chosenTables()
    let ledger = try openTarget(isKeeper: true)
    try FullRollbackMark.refuse(ledger.connection, allowsWaiting: false)
    try keepApart(ledger)
    if request.dryRun {
      try ledger.connection.begin()
      try request.stage?.prepare(ledger.connection)
    }
    // Without a ledger nothing was migrated yet: the first table's chunks have to be cut.
    if try ledger.condition() == .absent {
      if !request.dryRun, let first = tables.first { scout.begin(request.errand(first)) }
      try requireReadiness(tables, ledger)
    }
    try ledger.install()
    try takeLock(ledger)
    try adopt(ledger)
    try ledger.requireNoRollback()
    let session = try openSession(ledger)
    try requireRowsOfUnlogged(session, ledger)
    if session.status == .completed { return try alreadyComplete(session, tables, ledger) }
    do {
      return try work(tables, session, ledger)
    } catch {
      tellFailure(error)
      throw error
    }
  }

  private func work(
    _ tables: [TablePlan], _ session: Session, _ ledger: Ledger
  ) throws -> RunOutcome {
    adopt(session)
    // A part is complete when its own tables are.
    let entered = request.isPart && !request.dryRun ? tables : request.plan.tables
    let states = try ledger.enterTables(entered.map(\.name), session: session.id)
    try checkPrerequisites(tables, states, ledger)
    let pending = Set(states.filter { $0.status == .pending }.map(\.name))
    try requireReadiness(tables.filter { pending.contains($0.name) }, ledger)
    let (run, lost) = try ledger.beginRun(session: session.id, identity)
    (self.session, self.run) = (session, run)
    observer(.began(session, lostRuns: lost))
    if request.dryRun {
      let rehearsal = Rehearsal(request, source, try context(session))
      self.rehearsal = rehearsal
      lookups = LookupLoading(schema: request.plan.target.schema) { try rehearsal.rows(of: $0, $1) }
    }
    try ledger.remember(RunOptions(request), session: session.id)
    let earlier = session.isContinued ? try ledger.balance(session: session.id) : []
    let keeper = RunKeeper(self, ledger: ledger, run: run, earlier: earlier)
    try keeper.steadily(request.plan.name) { _ in try keeper.reconcile(session) }
    mayWriteCheckpoint = true
    let isDone = try withPulse(run) {
      do { return try move(tables, states, keeper) } catch  where stopped(by: error) {
        return false
      }
    }
    return try end(tables, session, keeper, isDone: isDone)
  }

  private func alreadyComplete(
    _ session: Session, _ tables: [TablePlan], _ ledger: Ledger
  ) throws -> RunOutcome {
    let outcome = try self.outcome(.completed, tables, session, ledger)
    if request.dryRun { try ledger.connection.rollback() }
    removeLeftCheckpoint(ledger)
    return outcome
  }

  /// Notes what ended the run as far as the target can still be reached.
  private func tellFailure(_ error: any Error) {
    guard !request.dryRun, let run, let session, let ledger = try? openTarget() else { return }
    try? ledger.endRun(run.id, as: .failed, note: "\(error)")
    guard mayWriteCheckpoint, let checkpoint,
      let file = try? ledger.checkpoint(session, status: .failed)
    else {
      return
    }
    try? checkpoint.write(file)
  }

  package var identity: RunIdentity {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return RunIdentity(
      host: host, process: Int(getpid()), command: request.command, version: Version.number)
  }

  /// Connects to the target and gives the ledger through that connection.
  package func openTarget(isKeeper: Bool = false) throws -> Ledger {
    try Self.openTarget(request, isKeeper: isKeeper)
  }

  package static func openTarget(_ request: RunRequest, isKeeper: Bool = false) throws -> Ledger {
    var options = ConnectionOptions()
    options.connectTimeout = request.databases.connectTimeout
    options.lockTimeout = request.databases.lockTimeout
    options.idleInTransactionTimeout = .zero
    let connection = try connect(request, options)
    if isKeeper { try connection.requireWritable() }
    // A lane's statements are no longer than its chunk; an index may take its time. Set afterwards, so that the
    // session's own limit can be gone back to.
    if let limit = isKeeper ? .zero : request.tuning.chunkTimeout {
      try connection.limitStatements(to: limit)
    }
    try RestoreMarker.refuse(connection, place: connection.facts.database)
    watchClient(connection)
    return try Ledger(connection, schema: request.ledgerSchema)
  }

  private static func connect(
    _ request: RunRequest, _ options: ConnectionOptions
  ) throws -> Connection {
    do throws(PostgresError) {
      return try Connection(to: request.databases.target, options: options)
    } catch {
      throw FullRollbackMark.behind(error, at: request.databases.target) ?? error
    }
  }
}
