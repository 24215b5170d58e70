import Postgres

/// The table that says which migrations a database has had.
package struct SchemaRecord {
  private let connection: Connection
  private let plan: String
  private let quotedSchema: String
  private let schema: String

  init(connection: Connection, plan: String, ledgerSchema: String) throws {
    (self.connection, self.plan, schema) = (connection, plan, ledgerSchema)
    quotedSchema = try SQL.identifier(ledgerSchema)
  }

  private var table: String { quotedSchema + ".schema_migration" }

  /// Makes the table if there is none; who calls it holds the lock.
  package func install() throws {
    if try exists() { return }
    // Without the question, a user who may not create schemas would be refused one that is there.
    let found = try connection.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema])
    if found.rowCount == 0 { try connection.execute("CREATE SCHEMA IF NOT EXISTS \(quotedSchema)") }
    try connection.execute(
      """
      CREATE TABLE IF NOT EXISTS \(table) (
        plan text NOT NULL,
        number integer NOT NULL,
        name text NOT NULL,
        checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        applied_by text NOT NULL,
        milliseconds bigint NOT NULL,
        PRIMARY KEY (plan, number)
      )
      """)
  }

  /// Returns what was applied, by number; nothing if the table is not there.
  package func entries() throws -> [SchemaStatus.Applied] {
    guard try exists() else { return [] }
    let found = try connection.query(
      "SELECT \(Self.columns) FROM \(table) WHERE plan = $1 ORDER BY number", [plan])
    return (0..<found.rowCount).map { Self.entry(found, $0) }
  }

  package func add(
    _ migration: SchemaMigration, by operatorName: String, duration: Duration
  ) throws -> SchemaStatus.Applied {
    let (seconds, attoseconds) = duration.components
    let milliseconds = Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    let added = try connection.query(
      """
      INSERT INTO \(table) (plan, number, name, checksum, applied_by, milliseconds)
      VALUES ($1, $2, $3, $4, $5, $6) RETURNING \(Self.columns)
      """,
      [plan, migration.number, migration.name, migration.up.checksum, operatorName, milliseconds])
    return Self.entry(added, 0)
  }

  package func remove(_ number: Int) throws {
    try connection.query("DELETE FROM \(table) WHERE plan = $1 AND number = $2", [plan, number])
  }

  private func exists() throws -> Bool {
    try connection.query(
      """
      SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = 'schema_migration'
      """, [schema]
    ).rowCount > 0
  }

  private static let columns = """
    number, name, checksum, to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    applied_by, milliseconds
    """

  private static func entry(_ rows: QueryResult, _ row: Int) -> SchemaStatus.Applied {
    func text(_ column: Int) -> String { rows.text(row, column) ?? "" }
    return SchemaStatus.Applied(
      number: rows.int(row, 0) ?? 0, name: text(1), checksum: text(2), at: text(3), by: text(4),
      milliseconds: rows.int(row, 5) ?? 0)
  }
}
