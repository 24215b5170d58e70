import MigrationEngine
import Postgres

/// Counts and hashes the rows of a database, in SQL, the same on every server.
///
/// The hash of a table is a sum of hashes of its rows. So the order of rows does not count, and a row
/// that is missing, doubled or changed shows.
package struct ContentsReader {
  /// A table as the catalogue has it.
  package struct Listed: Sendable, Hashable {
    package let schema: String
    package let name: String
    package let bytes: Int
    /// The names of all tables that it is a part of, or that inherit to it.
    let parents: [String]

    package var title: String { schema == "public" ? name : "\(schema).\(name)" }
  }

  package let connection: Connection
  /// How rows are hashed, if another's numbers are to be compared.
  let rowHash: DatabaseContents.RowHash

  init(connection: Connection, rowHash: DatabaseContents.RowHash? = nil) {
    self.connection = connection
    self.rowHash = rowHash ?? (connection.facts.serverVersion.major >= 14 ? .values : .text)
  }

  /// Takes names and time as reading everything needs them, until the transaction ends.
  package func prepare() throws {
    try connection.use(.catalog)
    try connection.execute(
      "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
  }

  /// Reads everything of a database, in one snapshot.
  package static func read(
    _ connection: Connection, tables: [Listed]? = nil, as rowHash: DatabaseContents.RowHash? = nil
  ) throws -> DatabaseContents {
    let reader = ContentsReader(connection: connection, rowHash: rowHash)
    return try connection.inTransaction(
      TransactionMode(isolation: .repeatableRead, readOnly: true)
    ) {
      try reader.prepare()
      let listed = try tables ?? reader.tables()
      return DatabaseContents(
        tables: try listed.map { try reader.table($0) }, sequences: try reader.sequences(),
        largeObjects: try reader.largeObjects(), rowHash: reader.rowHash)
    }
  }

  /// Lists the tables that hold rows of users, partitions too; none of extensions.
  package func tables() throws -> [Listed] {
    try connection.query(Self.tablesQuery).rows.map { row in
      Listed(
        schema: row.string(0), name: row.string(1), bytes: row.number(2),
        parents: row.string(3).split(separator: "\n").map(String.init))
    }
  }

  /// Counts and hashes the rows of a table.
  package func table(_ table: Listed) throws -> DatabaseContents.Table {
    let found = try connection.query(
      rowHash == .text ? textQuery(of: table) : valuesQuery(of: table))
    let sums = (1..<found.columnCount).map { found.text(0, $0) ?? "0" }
    return DatabaseContents.Table(
      schema: table.schema, name: table.name, rows: found.int(0, 0) ?? 0,
      hash: sums.joined(separator: ":"), bytes: table.bytes)
  }

  /// Reads where the sequences are.
  package func sequences() throws -> [DatabaseContents.Sequence] {
    try connection.query(Self.sequencesQuery).rows.map { row in
      let name = try SQL.identifier(schema: row.string(0), row.string(1))
      let state = try connection.query("SELECT last_value, is_called FROM \(name)")
      return DatabaseContents.Sequence(
        schema: row.string(0), name: row.string(1), value: state.int(0, 0) ?? 0,
        isCalled: state.bool(0, 1) ?? false, isDescending: row.bool(2) ?? false,
        ownerSchema: row.text(3), ownerTable: row.text(4))
    }
  }

  /// Nil if there are none.
  func largeObjects() throws -> DatabaseContents.LargeObjects? {
    let count = try connection.query("SELECT count(*) FROM pg_largeobject_metadata").int(0, 0) ?? 0
    guard count > 0 else { return nil }
    let hash = try connection.query(
      """
      SELECT sum(hashtextextended(oid::text || encode(sha256(lo_get(oid)), 'hex'), 0))
      FROM pg_largeobject_metadata
      """)
    return DatabaseContents.LargeObjects(count: count, hash: hash.text(0, 0) ?? "0")
  }
}

extension ContentsReader {
  /// Objects of extensions come back with their extension, and are not dumped.
  private static func isOwn(_ oid: String) -> String {
    """
    NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = \(oid)
      AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'e')
    """
  }

  private static let isUsers = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"

  private static let tablesQuery = """
    SELECT n.nspname, c.relname, pg_catalog.pg_table_size(c.oid),
      (WITH RECURSIVE above AS (
        SELECT inhparent FROM pg_catalog.pg_inherits WHERE inhrelid = c.oid
        UNION SELECT i.inhparent FROM above a JOIN pg_catalog.pg_inherits i ON i.inhrelid = a.inhparent)
       SELECT string_agg(CASE pn.nspname WHEN 'public' THEN '' ELSE pn.nspname || '.' END || p.relname, chr(10))
       FROM above JOIN pg_catalog.pg_class p ON p.oid = above.inhparent
         JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND \(isUsers) AND \(isOwn("c.oid"))
    ORDER BY 1, 2
    """

  private static let sequencesQuery = """
    SELECT n.nspname, c.relname, s.seqincrement < 0, tn.nspname, t.relname
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
      LEFT JOIN pg_catalog.pg_depend d ON d.objid = c.oid AND d.deptype IN ('a', 'i')
        AND d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = d.classid
      LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
      LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
    WHERE c.relpersistence <> 't' AND \(isUsers) AND \(isOwn("c.oid"))
    ORDER BY 1, 2
    """
}
