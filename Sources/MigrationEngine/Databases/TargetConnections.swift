import MigrationBasics
import MigrationLedger
import Postgres
import Synchronization

/// Connections to the target, for a run and for what undoes one.
///
/// Each new one costs the server a process and both sides the authentication, which takes longer than a small
/// table: those that no lane or index needs now are kept for the next.
package final class TargetConnections: Sendable {
  private struct Idle {
    let ledger: Ledger
    /// How long its statements may take; nil is the server's own limit.
    let limit: Duration?
    let since: ContinuousClock.Instant
  }

  private let place: ConnectionString
  private let connectTimeout: Duration?
  private let lockTimeout: Duration?
  private let ledgerSchema: String
  private let idle = Mutex<[Idle]>([])

  package init(
    _ place: ConnectionString, connectTimeout: Duration?, lockTimeout: Duration?,
    ledgerSchema: String
  ) {
    (self.place, self.ledgerSchema) = (place, ledgerSchema)
    (self.connectTimeout, self.lockTimeout) = (connectTimeout, lockTimeout)
  }

  package convenience init(_ request: RunRequest) {
    let databases = request.databases
    self.init(
      databases.target, connectTimeout: databases.connectTimeout,
      lockTimeout: databases.lockTimeout, ledgerSchema: request.ledgerSchema)
  }

  /// Opens a connection whose statements may take so long.
  ///
  /// - Parameter limit: zero is for ever, nil the server's own limit.
  package func open(statements limit: Duration?) throws -> Ledger {
    try ledger(try connect(), statements: limit)
  }

  /// Opens a connection for a program that writes, and whose statements may take their time.
  package func openWritable() throws -> Ledger {
    let connection = try connect()
    try connection.requireWritable()
    return try ledger(connection, statements: .zero)
  }

  private func connect() throws -> Connection {
    var options = ConnectionOptions()
    options.connectTimeout = connectTimeout
    options.lockTimeout = lockTimeout
    options.idleInTransactionTimeout = .zero
    do throws(PostgresError) {
      return try Connection(to: place, options: options)
    } catch {
      throw FullRollbackMark.behind(error, at: place) ?? error
    }
  }

  private func ledger(
    _ connection: Connection, statements limit: Duration?
  ) throws -> Ledger {
    let isMarked: Bool
    do throws(PostgresError) {
      isMarked = try prepare(
        connection, limit, endsWithProgram: connection.facts.serverVersion.major >= 14)
    } catch {
      // Some systems can't watch their clients, and the server refuses the setting there.
      guard error.sqlState == .invalidParameterValue else { throw error }
      isMarked = try prepare(connection, limit, endsWithProgram: false)
    }
    if isMarked { try RestoreMarker.refuse(connection, place: connection.facts.database) }
    return try Ledger(connection, schema: ledgerSchema)
  }

  /// Sets a session up, and returns whether a restore has left its mark in the database.
  private func prepare(
    _ connection: Connection, _ limit: Duration?, endsWithProgram: Bool
  ) throws(PostgresError) -> Bool {
    var pipeline = Pipeline()
    let marker = RestoreMarker.lookingFor(in: &pipeline)
    // Set afterwards, so that the session's own limit can be restored.
    if let limit { connection.limitStatements(to: limit, in: &pipeline) }
    if endsWithProgram { pipeline.query(Connection.endingStatementsWithProgram) }
    return try connection.run(pipeline)[marker].bool(0, 0) ?? true
  }
}

/// Connections that are not needed now.
extension TargetConnections {
  /// Returns a connection that answers, or did within the last second; a new one if none is kept.
  func take(statements limit: Duration?) throws -> Ledger {
    while let found = next(limit) {
      if found.limit == limit, .now - found.since < .seconds(1) { return found.ledger }
      if (try? found.ledger.connection.limitStatements(to: limit)) != nil { return found.ledger }
    }
    return try open(statements: limit)
  }

  private func next(_ limit: Duration?) -> Idle? {
    idle.withLock { idle in
      guard let place = idle.lastIndex(where: { $0.limit == limit }) else { return idle.popLast() }
      return idle.remove(at: place)
    }
  }

  /// Keeps a connection, unless something is still going on in it.
  ///
  /// - Parameter limit: how long its statements may take.
  func giveBack(_ ledger: Ledger, statements limit: Duration?) {
    guard ledger.connection.isUsable, (try? ledger.connection.transactionState()) == .idle else {
      return
    }
    idle.withLock { $0.append(Idle(ledger: ledger, limit: limit, since: .now)) }
  }

  func dropIdle() { idle.withLock { $0 = [] } }

  /// Closes the connections that nothing has needed for so long.
  func close(idleFor time: Duration) {
    let oldest = ContinuousClock.now - time
    // They are closed after the lock is given back.
    _ = idle.withLock { idle in
      defer { idle.removeAll { $0.since < oldest } }
      return idle.filter { $0.since < oldest }
    }
  }
}

extension Connection {
  /// Lets the server notice within a second that this program is gone, also in the middle of a long
  /// statement. Versions before 14 can't, nor can some systems: then it takes until the statement ends.
  package func endStatementsWithProgram() {
    _ = try? execute(Self.endingStatementsWithProgram)
  }

  static let endingStatementsWithProgram = "SET client_connection_check_interval = '1s'"
}
