import MigrationBasics
import MigrationLedger
import Postgres

/// The sessions of a database, which must have none when it is renamed.
package struct DatabaseSessions {
  /// A session of another program, or of this one.
  package struct Session: Sendable, Hashable {
    package let process: Int
    package let user: String
    package let address: String?
    package let application: String?
    package let since: Moment?
    /// Whether it is a session of this program, under the same role.
    let isOwn: Bool

    package var text: String {
      let from = address.map { " from \($0)" } ?? ""
      let with = application.flatMap { $0.isEmpty ? nil : " with \($0)" } ?? ""
      return "\(user)\(from)\(with)" + (since.map { " since \($0)" } ?? "")
        + " (server process \(process))"
    }
  }

  private let connection: Connection
  private let database: String
  private static let patience = Duration.seconds(15)
  /// How long a session may be seen after its program has ended.
  private static let grace = Duration.seconds(1)

  /// - Parameter connection: to another database of the server.
  init(_ connection: Connection, _ database: String) {
    (self.connection, self.database) = (connection, database)
  }

  /// Lists all sessions but those that the server ends on its own.
  package func all() throws -> [Session] {
    try connection.query(
      """
      SELECT pid, coalesce(usename, backend_type, '?'), host(client_addr), application_name,
        \(Moment.sql("backend_start")),
        coalesce(usename = session_user AND application_name ~ '^migrate( |$)', false)
      FROM pg_catalog.pg_stat_activity
      WHERE datname = $1 AND pid <> pg_catalog.pg_backend_pid()
        AND coalesce(backend_type, '') NOT IN ('autovacuum worker', 'parallel worker')
      ORDER BY backend_start, pid
      """, [database]
    ).rows.map { row in
      Session(
        process: row.number(0), user: row.string(1), address: row.text(2), application: row.text(3),
        since: row.moment(4), isOwn: row.bool(5) ?? false)
    }
  }

  /// Lists the sessions of others; those that are just ending are waited for.
  package func strangers() throws -> [Session] {
    let deadline = ContinuousClock.now + Self.grace
    while true {
      let found = try all().filter { !$0.isOwn }
      if found.isEmpty || ContinuousClock.now > deadline { return found }
      WorkerThread.sleep(.milliseconds(50))
    }
  }

  /// Ends this program's own sessions, and those of others if that is wanted; waits until all are gone.
  func clear(disconnects: Bool) throws {
    if !disconnects {
      let strangers = try strangers()
      guard strangers.isEmpty else { throw Self.refusal(strangers, database) }
    }
    let deadline = ContinuousClock.now + Self.patience
    while true {
      let sessions = try all()
      if sessions.isEmpty { return }
      guard ContinuousClock.now < deadline else { throw Self.refusal(sessions, database) }
      for session in sessions { try end(session) }
      WorkerThread.sleep(.milliseconds(50))
    }
  }

  private func end(_ session: Session) throws {
    do throws(PostgresError) {
      try connection.query(
        "SELECT pg_catalog.pg_terminate_backend($1::bigint::integer)", [session.process])
    } catch {
      guard error.sqlState == .insufficientPrivilege else { throw error }
      throw MigrationError(
        .failed, "could not end a session: \(session.text): \(error.message)",
        reason: "permission", place: database,
        remedy: "end it as its owner or a superuser, or: GRANT pg_signal_backend TO …")
    }
  }

  package static func refusal(_ sessions: [Session], _ database: String) -> MigrationError {
    let names = sessions.prefix(5).map(\.text).joined(separator: ", ")
    return MigrationError(
      .failed,
      "\(CountText.of(sessions.count, "session is", "sessions are")) connected to the database: \(names)"
        + (sessions.count > 5 ? ", …" : ""), reason: "connected", place: database,
      remedy: "end them, or pass --disconnect, which ends them and rolls back their transactions"
    )
  }
}
