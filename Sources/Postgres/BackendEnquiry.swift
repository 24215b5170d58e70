import CPostgres

/// Asks the server, over a connection that lives for this question, what a session waits for.
struct BackendEnquiry {
  private let session: WatchedSession
  private static let timeLimit = Duration.seconds(5)

  init(_ session: WatchedSession) { self.session = session }

  /// Whether the server's process waits for something to read from its client.
  ///
  /// False if that can't be known: no connection, no answer in time, a server
  /// that knows no such session, as behind a pooler.
  func waitsForClient() -> Bool {
    let deadline = Deadline(after: Self.timeLimit)
    var plan = session.plan
    plan.timeout = Self.timeLimit
    guard let connection = try? Connector(plan).connect() else { return false }
    defer { PQfinish(connection) }
    guard PQsendQuery(connection, question) == 1,
      let path = result(of: connection, until: deadline)
    else { return false }
    PQclear(path)
    guard let answer = result(of: connection, until: deadline) else { return false }
    defer { PQclear(answer) }
    return PQresultStatus(answer) == PGRES_TUPLES_OK && PQntuples(answer) == 1
      && PQgetvalue(answer, 0, 0)?.pointee == CChar(UInt8(ascii: "t"))
  }

  /// The result of the next statement; nil if none comes in time.
  private func result(of connection: OpaquePointer, until deadline: Deadline) -> OpaquePointer? {
    while PQisBusy(connection) == 1 {
      guard Polling.wait(for: PQsocket(connection), .reading, until: deadline) == .ready,
        PQconsumeInput(connection) == 1
      else { return nil }
    }
    return PQgetResult(connection)
  }

  /// Numbers of processes come again, and behind one address there may be several
  /// servers: only a process as old as the session is that of the session.
  private var question: String {
    let age = session.connectedAt.duration(to: .now).components.seconds
    // Logging in takes time, and clocks do not quite agree.
    let tolerance = 15 + age / 1000
    // The session is made for this question alone: the database's own path may lead to others' operators.
    return """
      SET search_path = \(SearchPath.catalog.text);
      SELECT wait_event_type = 'Client' AND wait_event = 'ClientRead'
      FROM pg_catalog.pg_stat_activity
      WHERE pid = \(session.backendPID) AND pg_catalog.abs(
        extract(epoch FROM pg_catalog.clock_timestamp() - backend_start)::pg_catalog.float8
        - \(age)::pg_catalog.float8) <= \(tolerance)::pg_catalog.float8
      """
  }
}
