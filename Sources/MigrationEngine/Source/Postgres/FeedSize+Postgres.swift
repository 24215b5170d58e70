import MigrationBasics
import Postgres

extension FeedSize {
  /// Asks the server that holds the table.
  static func measure(_ query: FeedQuery, _ connection: Connection) throws -> FeedSize {
    let found = try connection.query(
      """
      SELECT c.reltuples::bigint, pg_catalog.pg_table_size(c.oid),
        pg_catalog.pg_relation_size(c.oid) / current_setting('block_size')::bigint
      FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1)::oid
      """, [query.table])
    guard let row = found.rows.first else {
      throw MigrationError(.coded(.schema), "the source has no table \(query.table)")
    }
    var rows = row.int(0) ?? 0
    // Never analysed, or a partitioned table or view, of which the server keeps no count.
    if rows <= 0 {
      rows = try connection.query("SELECT count(*) FROM \(query.table)").int(0, 0) ?? 0
    }
    return FeedSize(rows: rows, bytes: row.int(1) ?? 0, blocks: row.int(2) ?? 0)
  }
}
