import CPostgres

extension Connection {
  /// Runs the statements of a pipeline in one round trip; without any, does nothing.
  ///
  /// - Throws: The first error, with `pipelineFailure`. An open transaction, also one of the pipeline, is then
  ///   left to be rolled back. If the pipeline commits and the connection breaks before the answer to that has
  ///   come, `commitOutcomeUnknown` of the error is true.
  @discardableResult
  public func run(_ pipeline: Pipeline) throws(PostgresError) -> Pipeline.Results {
    guard !pipeline.isEmpty else { return Pipeline.Results([]) }
    var statements: [(sql: String, parameters: ParameterList, format: ValueFormat)] = []
    for statement in pipeline.statements {
      let sql = text(of: statement.words)
      try Self.checkNUL(sql)
      if sql.prefix(5).lowercased() == "copy " { throw .copyInPipeline }
      statements.append((sql, try ParameterList(statement.parameters), statement.format))
    }
    let operation = pipeline.commits ? PostgresError.Operation.commit : .query
    return try handle.lend(operation) { connection throws(PostgresError) in
      var turn = PipelineTurn(connection, count: statements.count, commits: pipeline.commits)
      try turn.begin()
      for statement in statements {
        try turn.send(statement.sql, statement.parameters, statement.format)
      }
      let results = try turn.end()
      guard !pipeline.commits || results.last?.commandTag == "COMMIT" else {
        throw .rolledBackInsteadOfCommitted
      }
      return Pipeline.Results(results)
    }
  }

  /// Runs a pipeline that begins and commits a transaction, which is rolled back if a statement fails.
  ///
  /// A rollback that fails too is kept next to the first error.
  @discardableResult
  public func runTransaction(_ pipeline: Pipeline) throws(PostgresError) -> Pipeline.Results {
    do throws(PostgresError) { return try run(pipeline) } catch {
      var first = error
      do throws(PostgresError) { try rollback() } catch { first.rollbackFailures.append(error) }
      throw first
    }
  }

  /// Runs a body whose pipelines begin and commit a transaction, which is rolled back if the body fails.
  ///
  /// - Parameter isOwn: false if the transaction is the caller's.
  public func rollingBackFailures<Value>(
    if isOwn: Bool = true, _ body: () throws -> Value
  ) throws -> Value {
    do { return try body() } catch {
      guard isOwn else { throw error }
      throw rollingBack(after: error)
    }
  }

  private func text(of words: Pipeline.Words) -> String {
    switch words {
    case .sql(let sql): sql
    case .useOwnPath: "SET LOCAL search_path = \(facts.ownPath.text)"
    case .useUsualPath: "SET LOCAL search_path = \(facts.systemPath.text)"
    case .commit: "COMMIT"
    }
  }
}
