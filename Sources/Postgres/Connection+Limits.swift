extension Connection {
  /// Lets each statement from now on take no longer than this; zero is for ever.
  ///
  /// - Parameter limit: nil is what the session began with.
  public func limitStatements(to limit: Duration?) throws(PostgresError) {
    let limit = limit ?? statementTimeout
    try execute("SET statement_timeout = \(limit.map { "\($0.milliseconds)" } ?? "DEFAULT")")
  }
}
