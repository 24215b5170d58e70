import MigrationCore
import Postgres

/// Builds a rollback request from the command line, the settings and the ledger.
struct RollbackCommandRequest {
  private let invocation: Invocation
  private let opened: OpenLedger

  init(_ invocation: Invocation, _ opened: OpenLedger) {
    (self.invocation, self.opened) = (invocation, opened)
  }

  func make() throws -> RollbackRequest {
    var request = try make(scope: nil)
    request.scope = try scope(request.session)
    return request
  }

  /// Builds a request with a known scope, or none.
  func make(scope: RollbackScope?) throws -> RollbackRequest {
    let session = try self.session()
    let location = try invocation.planLocation(opened.settings, otherwise: session.plan)
    let plan = try opened.settings.plan(at: location.planFile)
    guard plan.name == session.plan else {
      throw MigrationError(
        .configuration,
        "session \(session.id) belongs to plan \(session.plan), not to \(plan.name)",
        remedy: "pass --plan \(session.plan)")
    }
    let settings = opened.settings
    let places = Databases(settings)
    var request = RollbackRequest(
      scope, of: session, plan: plan, target: try places.place(.target),
      sourcePlace: { try places.sourcePlace(plan.source) })
    request.force = invocation[RollbackCommand.force]
    request.ledgerSchema = settings.value(.ledgerSchema)
    request.connectTimeout = settings.value(.connectionTimeout)
    let patience = settings.value(SettingKey<Duration>.lockTimeout)
    request.lockTimeout = patience == .zero ? nil : patience
    request.checkpointFile = invocation.program.folder + "/" + CheckpointFile.defaultName
    request.errorLogFile = invocation.program.folder + "/" + ErrorLog.defaultName
    return request
  }

  private func session() throws -> Session {
    guard let name = invocation[RollbackCommand.session], name != "latest" else {
      return opened.session
    }
    let found = try opened.ledger.session(called: name)
    guard let found else {
      throw MigrationError(
        .configuration, "unknown session \"\(name)\"",
        remedy: "see migrate session list")
    }
    return found
  }

  /// Returns the scope of the command line; requires exactly one.
  private func scope(_ session: Session) throws -> RollbackScope? {
    var scopes: [RollbackScope?] = []
    let named = (invocation[RollbackCommand.table] + invocation[RollbackCommand.tables])
      .flatMap { $0.split(separator: ",").map(String.init) }
    if !named.isEmpty {
      let names = try named.compactMap {
        try OpenLedger.tableName($0, session, opened.ledger)
      }
      scopes.append(.tables(Array(Set(names)).sorted()))
    }
    if invocation[RollbackCommand.lastStep] { scopes.append(.lastStep) }
    if let name = invocation[RollbackCommand.checkpoint] { scopes.append(.checkpoint(name)) }
    if invocation[RollbackCommand.resume] { scopes.append(nil) }
    // With another scope, --session selects the session.
    if let name = invocation[RollbackCommand.session], scopes.isEmpty {
      scopes.append(.session(name))
    }
    guard scopes.count == 1 else {
      throw UsageError.missingOperand(
        "exactly one of --table, --tables, --last-step, --checkpoint, --session, --full, --resume",
        command: "rollback")
    }
    return scopes[0]
  }
}
