import Postgres

/// Runs the statements of schema files so that a failure is told with file and line.
struct SchemaFileRunner {
  let connection: Connection
  let schema: String

  /// Runs a file and what is to be recorded of it, together if the file allows it.
  func run<Value>(_ file: SchemaFile, record: (Duration) throws -> Value) throws -> Value {
    let start = ContinuousClock.now
    guard !file.runsWithoutTransaction else {
      return try connection.withSearchPath(searchPath()) {
        try runEach(file)
        return try record(start.duration(to: .now))
      }
    }
    return try connection.inTransaction {
      try connection.use(searchPath())
      for statement in file.statements {
        try execute(statement, statement.text, of: file, kept: 0)
      }
      return try record(start.duration(to: .now))
    }
  }

  /// Runs a file inside a transaction of the caller's.
  func rehearse(_ file: SchemaFile) throws {
    try connection.use(searchPath())
    for statement in file.statements {
      let text = file.runsWithoutTransaction ? statement.withoutConcurrently : statement.text
      try execute(statement, text, of: file, kept: 0)
    }
  }

  private func runEach(_ file: SchemaFile) throws {
    for (index, statement) in file.statements.enumerated() {
      try execute(statement, statement.text, of: file, kept: index)
    }
  }

  private func execute(
    _ statement: SQLStatement, _ text: String, of file: SchemaFile, kept: Int
  ) throws {
    do throws(PostgresError) { try connection.execute(text) } catch {
      throw SchemaFault.statementFailed(
        path: file.path, line: statement.line(atPosition: error.position), kept: kept, cause: error)
    }
  }

  /// The target schema, and where extensions put their types and functions; nothing else, so that
  /// no file depends on what happens to lie about in `public`.
  private func searchPath() throws -> SearchPath {
    let rows = try connection.query(
      """
      SELECT DISTINCT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
      WHERE n.nspname NOT IN ($1, 'pg_catalog') ORDER BY 1
      """, [schema]
    ).rows
    return try SearchPath(creatingIn: [schema] + rows.compactMap { $0.text(0) })
  }
}
