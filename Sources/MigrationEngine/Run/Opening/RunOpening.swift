import FoundationEssentials
import Glibc
import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// What a run does before its first table: asks whether it may begin, opens the session, enters itself.
final class RunOpening {
  let request: RunRequest
  var tools: RunTools
  let ledger: Ledger
  /// The tables to move, in the order of loading.
  let tables: [TablePlan]
  /// Whether the plan's check and the rights were asked for.
  var isChecked = false

  init(_ request: RunRequest, _ tools: RunTools, _ ledger: Ledger, _ tables: [TablePlan]) {
    (self.request, self.tools, self.ledger, self.tables) = (request, tools, ledger, tables)
  }

  /// Takes the target's lock, and opens a session or continues with the open one.
  ///
  /// - Returns: The session; one that is complete has nothing left to do.
  func openSession() throws -> Session {
    if let mark = try FullRollbackMark.refuse(ledger.connection) { try begin(after: mark) }
    try keepApart()
    if request.dryRun {
      try ledger.connection.begin()
      try request.stage?.prepare(ledger.connection)
    }
    // Without a ledger nothing was migrated yet: the first table's chunks have to be cut.
    let isNew = try ledger.condition() == .absent
    if isNew {
      if !request.dryRun, let first = tables.first {
        tools.prefetcher.begin(request.surveyRequest(first))
      }
      try requireReadiness(tables)
    }
    try ledger.install()
    try takeLock()
    // Which transactions wrote rows is not known any more if the ledger came here by a dump.
    if !isNew, let warning = try ledger.adoptOrigin() { tools.warn(warning) }
    try ledger.requireNoRollback()
    let session = try chooseSession()
    try requireRowsOfUnlogged(session)
    return session
  }

  /// Enters the run and its tables into the ledger.
  func begin(_ session: Session) throws -> ActiveRun {
    var adjusted = request
    adjusted.settings[.configured] = RunAdjustments(session.settings)
    tools.control.begin(with: adjusted.settings)
    adjusted.reportShortage(of: adjusted.settings.lanes ?? LaneNumber.usual, tools)
    // A part is complete when its own tables are.
    let entered = request.isPart && !request.dryRun ? tables : request.plan.tables
    let states = try ledger.enterTables(entered.map(\.name), session: session.id)
    try checkPrerequisites(states)
    let pending = Set(states.filter { $0.status == .pending }.map(\.name))
    try requireReadiness(tables.filter { pending.contains($0.name) })
    let (run, lost) = try ledger.beginRun(session: session.id, .thisProcess(request.command))
    tools.observer(.began(session, lostRuns: lost))
    return try ActiveRun(
      adjusted, tools, session, run, tables: tables, states: states, ledger: ledger)
  }

  /// The outcome of a session in which nothing is left to do.
  func alreadyComplete(_ session: Session) throws -> RunOutcome {
    let outcome = try RunOutcome(
      .completed, of: session, run: nil, tables, tools, request, through: ledger)
    if request.dryRun { try ledger.connection.rollback() }
    removeLeftCheckpoint()
    return outcome
  }

  /// Takes away the checkpoint file of a session that has ended.
  private func removeLeftCheckpoint() {
    guard let checkpoint = request.checkpoint else { return }
    do {
      guard try checkpoint.removeIfEnded(ledger) else { return }
      tools.warn("removed the checkpoint file of an ended session, left by a killed run")
    } catch { tools.warn("the checkpoint file was not removed: \(error)") }
  }

  private func takeLock() throws {
    try ledger.lock(
      waitingFor: OperatorName.host,
      while: { [control = tools.control] in control.stopLevel == .keepRunning },
      tell: tools.warn)
  }
}

extension RunRequest {
  /// The file that people and scripts read; a dry run writes none, and a part is not the migration as a whole.
  var checkpoint: CheckpointFile? {
    dryRun || isPart ? nil : checkpointFile.map { CheckpointFile($0) }
  }
}

extension RunRequest {
  /// Says so if fewer lanes fit than are asked for.
  func reportShortage(of lanes: Int, _ tools: RunTools) {
    guard !dryRun, let shortage = ConnectionBudget(self).shortage(of: lanes) else { return }
    tools.warn(shortage)
  }
}

extension RunIdentity {
  /// This process, as the one that runs a command.
  package static func thisProcess(_ command: String) -> RunIdentity {
    RunIdentity(
      host: OperatorName.host, process: Int(getpid()), command: command, version: Version.number)
  }
}
