extension Connection {
  /// Lets each statement from now on take no longer than this; zero is for ever.
  ///
  /// - Parameter limit: nil is what the session began with.
  public func limitStatements(to limit: Duration?) throws(PostgresError) {
    var pipeline = Pipeline()
    limitStatements(to: limit, in: &pipeline)
    try run(pipeline)
  }

  /// Sets the limit with a pipeline.
  public func limitStatements(to limit: Duration?, in pipeline: inout Pipeline) {
    let limit = limit ?? statementTimeout
    pipeline.query(
      "SET statement_timeout = \(limit.map { "\($0.milliseconds)" } ?? "DEFAULT")")
  }
}
