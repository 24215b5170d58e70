import MigrationBasics
import MigrationEngine
import MigrationLedger
import MigrationPlan
import Postgres

/// Something for which the plan says what follows, and that has come to pass.
package struct Trigger: Sendable {
  package let kind: Triggers.Kind
  /// What has come to pass.
  package let what: String
  package let action: Triggers.Action
  /// The table that was being loaded; nil if it is about all.
  package let table: String?
  package let session: SessionID
  /// Why rows were quarantined, the most frequent first: a rollback deletes them from the ledger.
  package var patterns: [String] = []

  /// What stopped a run; nil if it was nothing of that kind.
  package init?(_ outcome: RunOutcome, _ triggers: Triggers) {
    guard case .stopped(let code, let what) = outcome.ending, !outcome.isDryRun,
      let kind = Triggers.Kind(code), triggers.names(kind)
    else { return nil }
    (self.kind, self.what, action) = (kind, what, triggers.action(kind))
    (table, session) = (outcome.tableInHand, outcome.session)
  }

  /// A validation of a session that says no, and why.
  package init(validation why: String, session: SessionID, _ triggers: Triggers) {
    (kind, what, action) = (.validation, why, triggers.action(.validation))
    (table, self.session) = (nil, session)
  }

  /// What would be rolled back, in words.
  package var subject: String {
    action == .rollbackTable ? table.map { "table \($0)" } ?? "nothing" : "session \(session)"
  }

  package var scope: RollbackScope {
    if action == .rollbackTable, let table { return .tables([table]) }
    return .session("\(session)")
  }

  /// The command that does the same.
  package var command: String { "migrate rollback \(scope.description)" }
}

extension Trigger {
  /// Notes why rows were quarantined, as far as the ledger can be reached.
  package func withPatterns(_ request: RunRequest) -> Trigger {
    var trigger = self
    guard
      let ledger = try? TargetConnections(request).open(statements: request.settings.chunkTimeout),
      let patterns = try? ledger.quarantinePatterns(session: session)
    else { return trigger }
    trigger.patterns = patterns.prefix(5).map { pattern in
      let place = [pattern.table, pattern.column].compactMap { $0 }.joined(separator: ".")
      return "\(pattern.count) × \(pattern.code) \(pattern.reason), \(place)"
    }
    return trigger
  }

  /// Rolls back what the plan says.
  ///
  /// The log of errors is left as it is: it says why, when the ledger does not any more.
  package func rollBack(
    _ request: RunRequest, tell: @escaping (String) -> Void
  ) throws -> RollbackRecord {
    let ledger = try TargetConnections(request).open(statements: request.settings.chunkTimeout)
    guard let session = try ledger.session(session) else {
      throw LedgerError(.unknown, "the ledger has no session \(session)")
    }
    var wanted = RollbackRequest(
      scope, of: session, plan: request.plan, target: request.databases.target,
      sourcePlace: { request.databases.source })
    wanted.ledgerSchema = request.ledgerSchema
    wanted.connectTimeout = request.databases.connectTimeout
    // Zero would wait forever without being noticed.
    let patience = request.databases.lockTimeout
    wanted.lockTimeout = patience == .zero ? nil : patience
    wanted.checkpointFile = request.checkpointFile
    wanted.note = "by the trigger \(kind.rawValue): \(what)"
    return try request.afterTheRun {
      try Rollback.run(wanted, confirm: { _ in }, tell: tell)
    }
  }
}

extension RunRequest {
  /// Does something that takes the lock which the run had: the server frees it a moment after the
  /// run's connection was closed.
  public func afterTheRun<Value>(_ body: () throws -> Value) throws -> Value {
    let deadline = ContinuousClock.now + .seconds(5)
    while true {
      do { return try body() } catch let error as LedgerError {
        guard error.code == .heldByAnother, ContinuousClock.now < deadline else { throw error }
      }
      WorkerThread.sleep(.milliseconds(50))
    }
  }
}
