import MigrationBasics
import MigrationPlan
import Postgres

/// Where the rows of a merged table wait until all of them are there: a table next to the ledger.
///
/// Chunks are committed into it as into any target, so that nothing of what a kill left behind has
/// to be cleaned up. It is logged: a server that crashes must not lose what the ledger calls done.
package struct MergeStaging: Sendable {
  /// The column with the number of the chunk that loaded a row.
  package static let chunkColumn = "migrate_chunk"

  package let name: QualifiedName

  package init(ledgerSchema: String, table: TableID) {
    name = QualifiedName(schema: ledgerSchema, name: Self.name(ofTable: table))
  }

  package static func name(ofTable table: TableID) -> String { "merge_\(table)" }

  /// Asks with a pipeline for the names of all tables next to the ledger that are called like a staging table.
  package static func tables(of ledger: Ledger, in pipeline: inout Pipeline) -> Pipeline.Place {
    pipeline.query(
      """
      SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname ~ '^merge_[0-9]+$'
      """, [ledger.schema])
  }

  /// - Throws: an error if the name is that of a table which this program has not made.
  package func exists(_ target: Connection) throws -> Bool {
    var pipeline = Pipeline()
    let place = asking(in: &pipeline)
    return try exists(try target.run(pipeline)[place])
  }

  /// The SQL condition that the table is there, and one that this program has made.
  package var isOwn: String {
    """
    EXISTS (SELECT FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = \(SQL.literal(name.schema)) AND c.relname = \(SQL.literal(name.name)) AND \(Self.isOwn))
    """
  }

  /// Asks with a pipeline whether there is a table of the name, and whose it is.
  package func asking(in pipeline: inout Pipeline) -> Pipeline.Place {
    pipeline.query(
      """
      SELECT \(Self.isOwn) FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2
      """, [name.schema, name.name])
  }

  /// - Parameter answer: what `asking` asked for.
  package func exists(_ answer: QueryResult) throws -> Bool {
    guard let isOwn = answer.rows.first?.bool(0) else { return false }
    guard isOwn else {
      throw MigrationError(
        .failed,
        "another table has the name of the staging table for rows to merge",
        reason: "stagingTaken", place: "\(name)",
        remedy: "rename it, or keep the ledger in a schema of its own (MIGRATION_LEDGER_SCHEMA)")
    }
    return true
  }

  /// Whether a relation `c` has the column that only this program gives to a table.
  private static let isOwn = """
    EXISTS (SELECT FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = c.oid AND c.relkind = 'r' AND a.attnotnull AND a.attname = '\(chunkColumn)'
        AND pg_catalog.pg_get_expr(d.adbin, d.adrelid)
          = '(current_setting(''migrate.chunk''::text))::integer')
    """

  /// Makes the table with some columns of another one, unless it is there.
  package func create(like table: QualifiedName, columns: [String], _ ledger: Ledger) throws {
    let target = ledger.connection
    guard try !exists(target) else { return }
    // Statements of one message are one transaction.
    try target.execute(try creating(like: table, columns).joined(separator: ";\n"))
  }

  /// Makes the table with a pipeline, which fails if it is there.
  package func create(
    like table: QualifiedName, columns: [String], in pipeline: inout Pipeline
  ) throws {
    for statement in try creating(like: table, columns) { pipeline.query(statement) }
  }

  private func creating(like table: QualifiedName, _ columns: [String]) throws -> [String] {
    let (staging, chunk) = (try name.quoted(), try SQL.identifier(Self.chunkColumn))
    return [
      """
      CREATE TABLE \(staging) AS SELECT \(try SQL.identifiers(columns))
        FROM \(try table.quoted()) WITH NO DATA
      """,
      "ALTER TABLE \(staging) ADD COLUMN \(chunk) integer",
      """
      ALTER TABLE \(staging) ALTER COLUMN \(chunk) SET NOT NULL,
        ALTER COLUMN \(chunk) SET DEFAULT current_setting('migrate.chunk')::integer
      """,
    ]
  }

  /// Returns the statement that says for the open transaction which chunk loads the rows that are copied now.
  package func marking(_ chunk: Chunk) -> String { "SET LOCAL migrate.chunk = \(chunk.number)" }

  /// Drops what sessions that were given up or ended left behind; returns what was left alone, in words.
  @discardableResult
  package static func dropLeftovers(_ ledger: Ledger) throws -> [String] {
    let found = try leftovers(ledger)
    for table in found.own { try ledger.connection.execute("DROP TABLE \(table)") }
    return found.others.map(leftAlone)
  }

  package static func leftAlone(_ table: String) -> String {
    "table \(table) was not dropped: no migration created it"
  }

  /// Returns the staging tables, quoted, that no open session needs, and the tables that are only called so.
  ///
  /// A staging table has a number that the ledger knows, and its column. Who copies one copies the column.
  package static func leftovers(_ ledger: Ledger) throws -> (own: [String], others: [String]) {
    let found = try ledger.connection.query(
      """
      SELECT c.relname, \(isOwn) AND t.id IS NOT NULL
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN \(ledger.names.table) t ON c.relname = 'merge_' || t.id::text
      LEFT JOIN \(ledger.names.session) s ON s.id = t.session
      WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname ~ '^merge_[0-9]+$'
        AND s.status IS DISTINCT FROM 'open' ORDER BY c.relname
      """, [ledger.schema])
    let tables = try found.rows.map {
      (name: try SQL.identifier(schema: ledger.schema, $0.string(0)), isOwn: $0.bool(1) == true)
    }
    return (tables.filter(\.isOwn).map(\.name), tables.filter { !$0.isOwn }.map(\.name))
  }

  package func drop(_ target: Connection) throws {
    var pipeline = Pipeline()
    let place = asking(in: &pipeline)
    guard try target.run(pipeline)[place].rows.first?.bool(0) == true else { return }
    try target.execute("DROP TABLE \(try name.quoted())")
  }
}
