import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Begins and ends sessions by hand; a run begins one on its own if none is open.
package struct SessionKeeping {
  private let ledger: Ledger

  /// - Throws: `LedgerError` of code `heldByAnother` while a migration is running.
  package init(_ ledger: Ledger) throws {
    self.ledger = ledger
    try ledger.install()
    try ledger.lock()
    try ledger.requireNoRollback()
  }

  /// Begins a session of a plan under a name.
  ///
  /// - Parameter force: whether it may begin although the target's tables hold rows.
  package func start(_ plan: Plan, title: String, force: Bool) throws -> Session {
    if let open = try ledger.latestOpenSession() {
      throw MigrationError(
        .failed, "\(open.label) of \(open.plan) is open", reason: "sessionOpen",
        remedy: "continue it: migrate resume; or end it: migrate session stop")
    }
    let filled =
      force
      ? []
      : try ledger.filled(
        plan.tables.map { QualifiedName(schema: plan.target.schema, name: $0.name) })
    guard filled.isEmpty else {
      throw MigrationError(
        .failed,
        "a new session would load rows again, and these tables have rows: "
          + filled.sorted().joined(separator: ", "), reason: "notEmpty",
        remedy: "roll them back first, or start the session anyway with --force")
    }
    try plan.requireHashKey()
    var request = SessionRequest(plan, settings: JSONObject([(Session.loadsAgain, .bool(force))]))
    request.title = title
    return try ledger.openSession(request)
  }

  /// Ends the newest session: one in which nothing was moved, or one that is to be given up.
  ///
  /// - Returns: The session as it is now.
  package func stop(_ session: Session, abandons: Bool) throws -> Session {
    guard session.status == .open else { return session }
    let moved = try ledger.balance(session: session.id).contains { $0.chunksDone > 0 }
    guard !moved || abandons else {
      throw MigrationError(
        .failed, "\(session.label) has work left", reason: "workLeft",
        remedy: "finish it: migrate resume; or abandon it and leave its rows in the target: "
          + "migrate session stop --abandon")
    }
    try Restoration(scope: .everything).work(through: ledger).requireSuccess()
    try ledger.endSession(session.id, as: .abandoned)
    try MergeStaging.dropLeftovers(ledger)
    return try ledger.session(session.id) ?? session
  }
}
