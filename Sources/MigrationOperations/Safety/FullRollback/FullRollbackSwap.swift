import MigrationLedger
import Postgres

/// Changes the names of two databases in one transaction: at no time is there no target, nor one
/// that is half of each.
///
/// A database can be renamed only while no session is connected. So the target takes no connections for a
/// moment before, which a mark in the server records.
struct FullRollbackSwap {
  let server: TargetServer
  let disconnects: Bool

  private var connection: Connection { server.connection }

  /// Gives the restored database the target's name and settings.
  func forward(_ state: FullRollbackState) throws -> FullRollbackState {
    var closed = state
    closed.stage = .swapping
    var done = state
    done.stage = .swapped
    try close(state.target, as: closed, on: state.target)
    do {
      try DatabaseSessions(connection, state.target).clear(disconnects: disconnects)
      try DatabaseSessions(connection, state.restored).clear(disconnects: true)
      try exchange(state, done)
    } catch {
      var open = state
      open.stage = .restored
      // What can't be read now is in the mark: the target is closed.
      try? reopen(state.target, as: open, on: state.target)
      throw error
    }
    return done
  }

  /// Gives the previous database its name back.
  func back(_ state: FullRollbackState) throws {
    var closed = state
    closed.stage = .undoing
    try close(state.target, as: closed, on: state.aside)
    do {
      try DatabaseSessions(connection, state.target).clear(disconnects: disconnects)
      try connection.inTransaction {
        try rename(state.target, to: state.restored)
        try rename(state.aside, to: state.target)
        try connection.execute(
          "ALTER DATABASE \(SQL.identifier(state.target)) ALLOW_CONNECTIONS true")
      }
    } catch {
      try? reopen(state.target, as: state, on: state.aside)
      throw error
    }
  }

  private func exchange(_ state: FullRollbackState, _ done: FullRollbackState) throws {
    var properties = try DatabaseProperties.read(connection, state.target)
    properties.comment = state.comment
    let statements = try properties.statements(for: state.restored)
    try connection.inTransaction {
      for statement in statements { try connection.execute(statement) }
      try rename(state.target, to: state.aside)
      try rename(state.restored, to: state.target)
      try connection.execute(FullRollbackMark.statement(done, on: state.aside))
    }
  }

  /// Keeps everybody out, and says why.
  private func close(
    _ database: String, as state: FullRollbackState, on bearer: String
  ) throws {
    try connection.execute(
      """
      ALTER DATABASE \(SQL.identifier(database)) ALLOW_CONNECTIONS false;
      \(FullRollbackMark.statement(state, on: bearer))
      """)
  }

  private func reopen(
    _ database: String, as state: FullRollbackState, on bearer: String
  ) throws {
    try connection.execute(
      """
      ALTER DATABASE \(SQL.identifier(database)) ALLOW_CONNECTIONS true;
      \(FullRollbackMark.statement(state, on: bearer))
      """)
  }

  private func rename(_ name: String, to other: String) throws {
    try connection.execute(
      "ALTER DATABASE \(SQL.identifier(name)) RENAME TO \(SQL.identifier(other))")
  }
}
