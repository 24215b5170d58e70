import MigrationBasics
import MigrationLedger
import Postgres

/// The end of a full rollback: the previous database is dropped, or gets its name back.
package struct FullRollbackEnding {
  private let rollback: FullRollback

  private var server: TargetServer { rollback.server }
  private var connection: Connection { rollback.server.connection }

  package init(_ rollback: FullRollback) { self.rollback = rollback }

  /// Drops the database that was kept aside.
  ///
  /// - Parameters:
  ///   - unverified: whether it may go although the restored one was not compared once more.
  ///   - keeps: whether it stays, as a database like any other.
  package func commit(
    unverified: Bool, keeps: Bool, confirm: (FullRollbackState) throws -> Void
  ) throws -> FullRollbackState {
    let mark = try required()
    guard mark.state.isWaiting || mark.state.stage == .committing else {
      throw mark.refusal(place: server.target)
    }
    guard mark.state.stage != .swapped || unverified else {
      throw MigrationError(
        .failed, "the full rollback was not verified", reason: "notVerified", place: server.target,
        remedy:
          "verify it first: migrate rollback verify; or pass --unverified, for instance if others have "
          + "written since")
    }
    try confirm(mark.state)
    return keeps ? try keep(mark) : try drop(mark)
  }

  /// Gives the previous database its name back, or takes away what was begun next to it.
  package func undo(confirm: (FullRollbackState) throws -> Void) throws -> FullRollbackState {
    let mark = try required()
    guard mark.state.stage != .committing else { throw mark.refusal(place: server.target) }
    if mark.state.isWaiting { try requireNoRun() }
    try confirm(mark.state)
    return try undo(mark)
  }

  /// The database that a migration works on is not dropped under it.
  private func requireNoRun() throws {
    let ledger = try Ledger(server.place.connect(), schema: rollback.options.ledgerSchema)
    guard let run = try TargetLock.running(ledger) else { return }
    throw LedgerError(
      .heldByAnother,
      "run \(run.id) (\(run.identity.host), process \(run.identity.process)) is at work",
      place: server.target, remedy: "stop it first: migrate stop --now")
  }

  /// Keeps the previous database as one like any other, and ends the rollback.
  func keepAside(_ mark: FullRollbackMark) throws { _ = try keep(mark) }

  /// Ends what was confirmed before.
  package func resume(_ mark: FullRollbackMark) throws -> FullRollbackState {
    mark.state.stage == .committing ? try drop(mark) : try undo(mark)
  }

  private func required() throws -> FullRollbackMark {
    guard let mark = try server.lockedMark() else {
      throw MigrationError(
        .failed, "there is no full rollback to end", reason: "nothingToEnd",
        place: server.target,
        remedy: "start one: migrate rollback --full; or see: migrate report rollback")
    }
    return mark
  }

  /// - Throws: An error if others have changed names by hand: the one that is dropped must be the one aside.
  private func drop(_ mark: FullRollbackMark) throws -> FullRollbackState {
    guard mark.isSwapped else {
      throw MigrationError(
        .coded(.rollback),
        "the previous database is named \(mark.name), not \(mark.state.aside); nothing was dropped",
        reason: "renamed", place: mark.name,
        remedy:
          "if it was renamed back by hand, end the rollback: migrate rollback undo")
    }
    var state = mark.state.mine
    state.stage = .committing
    try rollback.record(state, on: mark.name)
    // Its mark goes with it.
    try server.drop(mark.name)
    return over(state, as: .committed)
  }

  private func keep(_ mark: FullRollbackMark) throws -> FullRollbackState {
    try connection.execute(
      "ALTER DATABASE \(SQL.identifier(mark.name)) ALLOW_CONNECTIONS true; \(mark.clearing())")
    return over(mark.state, as: .committed)
  }

  private func undo(_ mark: FullRollbackMark) throws -> FullRollbackState {
    var mark = mark
    if mark.isSwapped {
      mark.state = mark.state.mine
      // If it can't be done now, it waits as before.
      if mark.state.stage == .undoing { mark.state.stage = .swapped }
      try FullRollbackSwap(server: server, disconnects: rollback.options.disconnects)
        .back(mark.state)
      return try clear(try required(after: mark))
    }
    return try clear(mark)
  }

  /// The same mark under its new name; the lock on it is this session's own.
  private func required(after mark: FullRollbackMark) throws -> FullRollbackMark {
    guard let now = try server.mark() else {
      throw MigrationError(
        .coded(.rollback), "the mark of the full rollback is missing", place: mark.state.target)
    }
    return now
  }

  /// Drops the restored database and takes the mark away; the target is the previous database.
  @discardableResult
  func clear(_ mark: FullRollbackMark) throws -> FullRollbackState {
    var state = mark.state
    state.stage = .undoing
    try rollback.record(state, on: mark.name)
    try server.drop(state.restored)
    try connection.execute(
      "ALTER DATABASE \(SQL.identifier(mark.name)) ALLOW_CONNECTIONS true; \(mark.clearing())")
    return over(state, as: .undone)
  }

  private func over(
    _ state: FullRollbackState, as stage: FullRollbackState.Stage
  ) -> FullRollbackState {
    var state = state
    state.stage = stage
    rollback.write(state)
    return state
  }
}
