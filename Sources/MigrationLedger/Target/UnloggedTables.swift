import Postgres

/// Target tables that a crash of their server empties.
package enum UnloggedTables {
  /// Returns those of some tables that are UNLOGGED, or have partitions that are.
  package static func among(
    _ names: [String], schema: String, _ target: Connection
  ) throws(PostgresError) -> Set<String> {
    let found = try target.query(
      """
      SELECT c.relname FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p')
        AND (c.relpersistence = 'u' OR EXISTS (
          SELECT FROM pg_catalog.pg_partition_tree(c.oid) p
            JOIN pg_catalog.pg_class part ON part.oid = p.relid
          WHERE part.relpersistence = 'u'))
      """, [schema, names])
    return Set(found.rows.map { $0.string(0) })
  }
}
