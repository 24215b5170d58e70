import MigrationBasics
import MigrationPlan
import Postgres

/// How much a source table holds, so that chunks can be cut to measure.
struct FeedSize: Sendable, Hashable {
  /// The planner's estimate, or a count if there is none.
  let rows: Int
  /// The table's bytes on disk, with values stored next to it.
  let bytes: Int
  let blocks: Int

  var bytesPerRow: Int { max(1, bytes / max(1, rows)) }

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

  /// How many rows make a chunk.
  ///
  /// A commit each few MiB costs nothing measurable, and a feed that is no larger than a few chunks
  /// would leave one lane waiting for the other. However many rows are asked for, a chunk stays
  /// small enough to be held in memory when its bad rows are searched.
  func chunkRows(_ size: ChunkSize) -> Int {
    let most = max(1, Self.largestChunk / bytesPerRow)
    return switch size {
    case .rows(let rows): min(max(1, rows), most)
    case .automatic: min(max(1000, min(usualChunk / bytesPerRow, 100_000)), most)
    }
  }

  /// The bytes of a chunk if nothing else is asked for.
  private var usualChunk: Int {
    min(max(bytes / Self.usualCount, Self.smallestUsualChunk), Self.largestUsualChunk)
  }

  /// How many chunks a feed has at least, unless it is small.
  private static let usualCount = 16
  private static let smallestUsualChunk = 2 << 20
  private static let largestUsualChunk = 16 << 20
  private static let largestChunk = 64 << 20
}
