import CPostgres

extension Connection {
  /// Returns what a server keeps of a password, so that it never gets to see the password itself:
  /// neither the server nor its log.
  public func passwordVerifier(
    _ password: String, user: String
  ) throws(PostgresError) -> String {
    try handle.lend(.query) { connection throws(PostgresError) in
      guard let verifier = PQencryptPasswordConn(connection, password, user, "scram-sha-256") else {
        throw PostgresError(.query, .closed, String(cString: PQerrorMessage(connection)))
      }
      defer { PQfreemem(verifier) }
      return String(cString: verifier)
    }
  }
}
