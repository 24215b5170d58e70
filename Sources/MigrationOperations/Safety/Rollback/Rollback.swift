import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

/// Deletes from the target what a migration has loaded, and nothing else.
///
/// 1. **Look.** Which rows are the migration's, which of them others changed, what depends on them.
///    If anything prevents it, nothing is done.
/// 2. **Delete.** Group after group of tables, each in one transaction with the ledger, in which
///    its tables become such that are still to be migrated.
/// 3. **Put back.** Indexes, constraints and sequences as they were before.
///
/// A kill leaves each table as it was or rolled back, and a rollback in the ledger that is not
/// finished: no run begins before it is, and the next rollback continues with it.
package struct Rollback {
  package let request: RollbackRequest
  package let ledger: Ledger
  package let tell: (String) -> Void

  private init(_ request: RollbackRequest, tell: @escaping (String) -> Void) throws {
    (self.request, self.tell) = (request, tell)
    ledger = try request.openTarget()
    try ledger.requireInstalled()
    try FullRollbackMark.refuse(ledger.connection)
  }

  /// Reports what a rollback would do; changes nothing.
  package static func preview(_ request: RollbackRequest) throws -> RollbackPreview {
    do {
      let rollback = try Rollback(request, tell: { _ in })
      return try rollback.preview(try rollback.survey())
    } catch { throw failure(error) }
  }

  /// Rolls back what the request asks for.
  ///
  /// - Parameter confirm: is shown what would be done, and throws if that is not wanted.
  package static func run(
    _ request: RollbackRequest, confirm: (RollbackPreview) throws -> Void,
    tell: @escaping (String) -> Void = { _ in }
  ) throws -> RollbackRecord {
    // What is continued was begun by another.
    var isBegun = request.scope == nil
    do {
      return try Rollback(request, tell: tell).perform {
        try confirm($0)
        isBegun = true
      }
    } catch { throw failure(error, isBegun: isBegun) }
  }

  private static func failure(_ error: any Error, isBegun: Bool = false) -> any Error {
    guard let error = error as? PostgresError else { return error }
    let code = RunFailure.code(of: error)
    let isLost = code == .connection
    return MigrationError(
      .coded(isLost || code == .timeout ? code : .rollback), error.description,
      reason: error.sqlState?.code, remedy: remedy(isLost, isBegun))
  }

  /// What to do after a failure: only what was begun can be continued.
  private static func remedy(_ isLost: Bool, _ isBegun: Bool) -> String {
    guard isBegun else { return "nothing was changed; fix the cause and try again" }
    return "each table is unchanged or rolled back; "
      + (isLost
        ? "continue: migrate rollback --resume"
        : "fix the cause and try again; see: migrate report rollback")
  }

  private func perform(_ confirm: (RollbackPreview) throws -> Void) throws -> RollbackRecord {
    try ledger.lock(waitingFor: request.identity.host, tell: tell)
    // A lane that a dead run left can claim nothing from here on.
    _ = try ledger.loseRuns()
    let survey = try self.survey()
    let preview = try preview(survey)
    guard preview.obstacles.isEmpty else {
      throw RollbackObstacle.failure(preview.obstacles)
    }
    try confirm(preview)
    let id = try begin(survey)
    let ending = RollbackEnding(
      request: request, ledger: ledger, session: survey.session, tell: tell)
    do { try removeAll(survey, id) } catch {
      // Without a connection the next rollback continues with it. Otherwise what was deleted stays
      // so, and is completed; the rest was not touched.
      guard ledger.connection.isUsable else { throw error }
      try ending.end(id, as: .stopped, note: Self.note(of: error))
      throw error
    }
    try ending.end(id, as: .done, note: request.note)
    guard let record = try ledger.latestRollback() else {
      throw LedgerError(.unknown, "the ledger has lost rollback \(id)")
    }
    return record
  }

  private static func note(of error: any Error) -> String {
    (error as? MigrationError)?.what ?? "\(error)"
  }

  /// The rollback that was killed, if it is the one that is asked for; or one that a failure stopped.
  private func unfinished() throws -> RollbackRecord? {
    guard let open = try ledger.unfinishedRollback() else {
      guard request.scope == nil else { return nil }
      if let stopped = try ledger.stoppedRollback() { return stopped }
      throw MigrationError(
        .failed, "there is no rollback to continue", reason: "nothingToResume",
        remedy: "see what can be rolled back: migrate rollback --session latest --dry-run")
    }
    if let scope = request.scope,
      scope.description != open.scope || open.session != request.session.id
    {
      try ledger.requireNoRollback()
    }
    return open
  }

  private func survey() throws -> RollbackSurvey {
    tell("searching for the rows of the migration")
    var request = request
    guard let open = try unfinished() else {
      let (chosen, isOnlyKept) = try chosen()
      guard !chosen.isEmpty else { throw try nothing() }
      let survey = try RollbackSurvey(request, ledger, request.session, chosen: chosen)
      // Of rows that were kept, others may have deleted the last.
      if isOnlyKept, survey.shown.allSatisfy({ $0.rows == 0 }) { throw try nothing() }
      return survey
    }
    guard let session = try ledger.session(open.session) else { throw try nothing() }
    request.force = open.force
    let pending = open.tables.filter { $0.status == .pending }
    let chosen = try ledger.tables(session: session.id).compactMap { state in
      pending.first { $0.id == state.id }.map { ChosenTable(state: state, since: $0.since) }
    }
    return try RollbackSurvey(request, ledger, session, chosen: chosen)
  }

  /// The tables that the scope means; with force, also those of which only changed rows are left.
  private func chosen() throws -> (tables: [ChosenTable], isOnlyKept: Bool) {
    guard let scope = request.scope else { return ([], false) }
    let touched = try scope.tables(of: request.session, ledger, request.plan)
    guard request.force else { return (touched, false) }
    let kept = try ledger.tablesWithKept(scope, session: request.session.id)
    // The table that was begun last has rows left.
    let first = scope == .lastStep && !kept.isEmpty ? [] : touched
    let known = Set(first.map(\.state.id))
    let more = try ledger.tables(session: request.session.id)
      .filter { kept.contains($0.id) && !known.contains($0.id) }
    let all = (first + more.map { ChosenTable(state: $0) })
      .sorted { $0.state.position < $1.state.position }
    return (all, first.isEmpty)
  }

  private func nothing() throws -> MigrationError {
    let session = request.session.id
    let hasKept =
      try !request.force
      && request.scope.map { try !ledger.tablesWithKept($0, session: session).isEmpty } ?? false
    return MigrationError(
      .nothingToDo,
      "there is nothing to roll back: session \(session) has no rows there"
        + (hasKept ? " except changed rows, which an earlier rollback kept" : ""),
      reason: "nothingToRollBack",
      remedy: hasKept
        ? "delete the changed rows, too: --force; see: migrate report rollback"
        : "see: migrate status")
  }

  private func preview(_ survey: RollbackSurvey) throws -> RollbackPreview {
    let open = try unfinished()
    return RollbackPreview(
      session: survey.session, scope: open?.scope ?? request.scope?.description ?? "",
      force: survey.request.force, isResumed: open != nil, tables: survey.shown,
      obstacles: survey.obstacles)
  }

  private func begin(_ survey: RollbackSurvey) throws -> Int {
    if let open = try unfinished() {
      try ledger.continueRollback(open.id, by: request.identity)
      return open.id
    }
    return try ledger.beginRollback(
      session: survey.session.id, scope: request.scope?.description ?? "", force: request.force,
      by: request.identity,
      tables: survey.groups.flatMap(\.tables).map {
        ChosenTable(state: $0.state, since: $0.rows.since)
      })
  }

  /// - Throws: `MigrationError` if something must not be done.
  private func removeAll(_ survey: RollbackSurvey, _ id: Int) throws {
    for group in survey.groups {
      tell(group.tables.map(\.state.name).joined(separator: ", "))
      try TableRemoval(rollback: id, survey: survey, group: group, tell: tell).run()
    }
  }
}
