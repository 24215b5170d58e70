import Postgres

/// Where the rows of a merged table wait until all of them are there: a table beside the ledger.
///
/// Chunks are committed into it as into any target, so that nothing of what a kill left behind has
/// to be cleaned up. It is logged: a server that crashes must not lose what the ledger calls done.
struct MergeStaging: Sendable {
  /// The column with the number of the chunk that brought a row.
  static let chunkColumn = "migrate_chunk"

  let name: QualifiedName

  init(ledgerSchema: String, table: Int) {
    name = QualifiedName(schema: ledgerSchema, name: "merge_\(table)")
  }

  func exists(_ target: Connection) throws -> Bool {
    try target.query("SELECT to_regclass($1) IS NOT NULL", [try name.quoted()]).bool(0, 0) ?? false
  }

  /// Makes the table with some columns of another one, unless it is there.
  func create(like table: QualifiedName, columns: [String], _ ledger: Ledger) throws {
    let target = ledger.connection
    let (staging, chunk) = (try name.quoted(), try SQL.identifier(Self.chunkColumn))
    try ledger.atomically {
      guard try !exists(target) else { return }
      try target.execute(
        """
        CREATE TABLE \(staging) AS SELECT \(try SQL.identifiers(columns))
          FROM \(try table.quoted()) WITH NO DATA;
        ALTER TABLE \(staging) ADD COLUMN \(chunk) integer;
        ALTER TABLE \(staging) ALTER COLUMN \(chunk) SET NOT NULL,
          ALTER COLUMN \(chunk) SET DEFAULT current_setting('migrate.chunk')::integer
        """)
    }
  }

  /// Says for the open transaction which chunk brings the rows that are copied now.
  func mark(_ chunk: Chunk, _ target: Connection) throws(PostgresError) {
    try target.execute("SET LOCAL migrate.chunk = \(chunk.number)")
  }

  /// Drops what sessions that were given up or ended left behind.
  static func dropLeftovers(_ ledger: Ledger) throws {
    for table in try leftovers(ledger) { try ledger.connection.execute("DROP TABLE \(table)") }
  }

  /// Returns the staging tables, quoted, that no open session needs.
  static func leftovers(_ ledger: Ledger) throws -> [String] {
    let found = try ledger.connection.query(
      """
      SELECT c.relname FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname ~ '^merge_[0-9]+$'
        AND NOT EXISTS (
          SELECT FROM \(ledger.names.table) t JOIN \(ledger.names.session) s ON s.id = t.session
          WHERE s.status = 'open' AND c.relname = 'merge_' || t.id::text)
      """, [ledger.schema])
    return try found.rows.map { try SQL.identifier(schema: ledger.schema, $0.string(0)) }
  }

  func drop(_ target: Connection) throws {
    try target.execute("DROP TABLE IF EXISTS \(try name.quoted())")
  }
}
