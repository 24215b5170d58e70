import MigrationPlan
import Postgres

/// Runs the statements of schema files so that a failure is reported with file and line.
package struct SchemaFileRunner {
  package let connection: Connection
  package let schema: String
  /// Tables that no file may change, by their numbers.
  package var guarded: [Int: QualifiedName] = [:]

  package init(connection: Connection, schema: String, guarded: [Int: QualifiedName] = [:]) {
    self.connection = connection
    self.schema = schema
    self.guarded = guarded
  }

  /// Runs a file and what is to be recorded of it, together if the file allows it.
  package func run<Value>(_ file: SchemaFile, record: (Duration) throws -> Value) throws -> Value {
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
      try refuseChanged(by: file)
      return try record(start.duration(to: .now))
    }
  }

  /// Runs a file inside a transaction of the caller's.
  package func rehearse(_ file: SchemaFile) throws {
    try connection.use(searchPath())
    for statement in file.statements {
      let text = file.runsWithoutTransaction ? statement.withoutConcurrently : statement.text
      try execute(statement, text, of: file, kept: 0)
    }
    try refuseChanged(by: file)
  }

  /// Refuses a file that has altered, written or dropped a guarded table in this transaction: such
  /// statements hold a lock until its end that readers do not take.
  private func refuseChanged(by file: SchemaFile) throws {
    guard !guarded.isEmpty else { return }
    let changed = try connection.query(
      """
      SELECT DISTINCT relation::bigint FROM pg_catalog.pg_locks
      WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation' AND granted
        AND database = (SELECT oid FROM pg_catalog.pg_database
          WHERE datname = pg_catalog.current_database())
        AND relation::bigint = ANY ($1) AND mode NOT IN ('AccessShareLock', 'RowShareLock')
      """, [Array(guarded.keys)]
    ).rows.compactMap { guarded[$0.number(0)] }
    guard changed.isEmpty else {
      throw SourceGuard.refusal(
        "\(file.path) would change tables that the plan reads: "
          + changed.sorted().map(\.description).joined(separator: ", "), connection)
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
