import MigrationBasics
import Postgres

extension Ledger {
  /// Enters the chunks of a feed, all of them at once, in the order of the key.
  ///
  /// Feeds are entered in their order, so that chunk numbers order a table's rows by feed, then key.
  ///
  /// - Parameters:
  ///   - columns: what rows are hashed of, in this order; nil in sessions without fingerprints.
  ///   - state: what the source was like before its chunks were cut; nil if it can't change.
  ///   - fed: what the target's columns are, to be kept with the first feed.
  /// - Throws: an error if the target's columns have changed; `alreadyPlanned` if the feed or a later one has its
  ///   chunks, which never change.
  package func insertBoundaries(
    table: TableID, feed: Int, source: String, _ chunks: [PlannedChunk],
    columns: [HashedColumn]? = nil, state: SourceState? = nil, fed: FedColumns? = nil
  ) throws {
    guard chunks.count <= Self.chunksOfStatement else {
      return try atomically {
        let first = try enter(
          table: table, feed: feed, source: source, chunks.prefix(Self.chunksOfStatement),
          columns, state, fed)
        try insert(chunks.dropFirst(Self.chunksOfStatement), table: table, feed: feed, after: first)
      }
    }
    _ = try enter(table: table, feed: feed, source: source, chunks[...], columns, state, fed)
  }

  /// Enters the chunks of a feed with a pipeline, which fails if the target's columns have changed, or if the feed or
  /// a later one has its chunks; see the other function of this name.
  package func insertBoundaries(
    table: TableID, feed: Int, source: String, _ chunks: [PlannedChunk],
    columns: [HashedColumn]?, state: SourceState?, fed: FedColumns?, in pipeline: inout Pipeline
  ) throws {
    let entry = try entry(
      table: table, feed: feed, source: source, chunks[...], columns, state, fed)
    pipeline.query(entry.sql, entry.parameters)
    pipeline.require(
      """
      EXISTS (SELECT FROM \(names.feed)
        WHERE table_id = $1 AND feed = $2 AND xmin::text::bigint = txid_current() & 4294967295)
      """, [table, feed])
  }

  /// Returns the feeds of a table whose chunks are planned.
  package func plannedFeeds(table: TableID) throws -> Set<Int> {
    let found = try connection.query("SELECT feed FROM \(names.feed) WHERE table_id = $1", [table])
    return Set(found.rows.map { $0.number(0) })
  }

  /// Asks with a pipeline for the numbers of all tables of which chunks are planned.
  package func plannedTables(in pipeline: inout Pipeline) -> Pipeline.Place {
    pipeline.query("SELECT DISTINCT table_id FROM \(names.feed)")
  }

  /// Returns chunks of a table in order, all or those in one state.
  package func chunks(table: TableID, status: Chunk.Status? = nil) throws -> [ChunkRecord] {
    let found = try connection.query(
      """
      SELECT \(ChunkColumn.list), \(OutcomeColumn.list) FROM \(names.chunk)
      WHERE table_id = $1 AND ($2::text IS NULL OR status = $2) ORDER BY number
      """, [table, status?.rawValue])
    return try found.rows.map(Self.record)
  }

  /// Returns one chunk; this is what to ask after a commit whose outcome is unknown.
  package func chunk(table: TableID, number: Int) throws -> ChunkRecord? {
    let found = try connection.query(
      """
      SELECT \(ChunkColumn.list), \(OutcomeColumn.list) FROM \(names.chunk)
      WHERE table_id = $1 AND number = $2
      """, [table, number])
    return try found.rows.first.map(Self.record)
  }

  /// Makes chunks pending again and forgets their row counts; nil means all of the table.
  ///
  /// Belongs into the transaction that deletes the rows from the target. It waits for lanes that
  /// have one of the current chunks.
  package func resetChunks(table: TableID, numbers: [Int]? = nil) throws {
    let which = "table_id = $1 AND ($2::bigint[] IS NULL OR %@ = ANY ($2))"
    try atomically {
      let parameters: [(any ParameterConvertible)?] = [table, numbers]
      try connection.query(
        """
        UPDATE \(names.chunk) SET status = 'pending', finished = NULL, failures = 0,
          last_failure = NULL, retry_at = NULL, run = NULL, lane = NULL, xid = NULL, command = NULL,
          fingerprint = NULL, fingerprint_rows = NULL, rows_read = 0, rows_loaded = 0, rows_merged = 0, rows_filtered = 0,
          rows_quarantined = 0, warnings = 0, bytes = 0, source_wait = 0, transform_time = 0,
          target_wait = 0, commit_time = 0
        WHERE \(Self.replacing(which, "number"))
        """, parameters)
      for name in [names.quarantine, names.merged, names.warning] {
        try connection.query(
          "DELETE FROM \(name) WHERE \(Self.replacing(which, "chunk"))", parameters)
      }
      for name in [names.mergeTotal, names.mergePresent] {
        try connection.query("DELETE FROM \(name) WHERE table_id = $1", [table])
      }
    }
  }

  /// Forgets the chunks and feeds of a table, so that it can be planned again.
  package func removeChunks(table: TableID) throws {
    try atomically {
      try resetChunks(table: table)
      try connection.query("DELETE FROM \(names.duplicate) WHERE table_id = $1", [table])
      try connection.query("DELETE FROM \(names.chunk) WHERE table_id = $1", [table])
      try connection.query("DELETE FROM \(names.feed) WHERE table_id = $1", [table])
    }
  }

  /// How many ranges one statement takes, so that none grows without bound.
  package static let chunksOfStatement = 5000

  /// Enters a feed with its first chunks; returns the number of the last chunk before them.
  private func enter(
    table: TableID, feed: Int, source: String, _ chunks: ArraySlice<PlannedChunk>,
    _ columns: [HashedColumn]?, _ state: SourceState?, _ fed: FedColumns?
  ) throws -> Int {
    let entry = try entry(
      table: table, feed: feed, source: source, chunks, columns, state, fed)
    let found = try connection.query(entry.sql, entry.parameters)
    guard let last = found.rows.first else {
      try fed?.requireUnchanged(connection)
      throw LedgerError(.unknown, "the ledger has no table number \(table)")
    }
    guard last.flag(1) else {
      throw LedgerError(
        .alreadyPlanned, "the chunks of feed \(feed) or of a later feed are already planned",
        place: "table number \(table)")
    }
    return last.number(0)
  }

  /// The statement that enters a feed with its first chunks.
  private func entry(
    table: TableID, feed: Int, source: String, _ chunks: ArraySlice<PlannedChunk>,
    _ columns: [HashedColumn]?, _ state: SourceState?, _ fed: FedColumns?
  ) throws -> (sql: String, parameters: [(any ParameterConvertible)?]) {
    // The row lock makes two programs that plan at once take turns.
    let lock =
      try fed?.noting(in: names.table)
      ?? "SELECT id FROM \(names.table) WHERE id = $1 FOR NO KEY UPDATE"
    return (
      """
      WITH t AS MATERIALIZED (\(lock)),
      last AS MATERIALIZED (
        SELECT t.id,
          coalesce((SELECT max(number) FROM \(names.chunk) WHERE table_id = t.id), -1) AS number,
          coalesce((SELECT max(feed) FROM \(names.feed) WHERE table_id = t.id), -1) AS feed FROM t),
      entered AS (
        INSERT INTO \(names.feed) (table_id, feed, source, fingerprint_columns, source_state)
        SELECT id, $2, $3, $4, $5 FROM last WHERE feed < $2 ON CONFLICT DO NOTHING RETURNING table_id),
      chunks AS (
        INSERT INTO \(names.chunk)
          (table_id, number, feed, ordinal, range, row_estimate, byte_estimate)
        SELECT last.id, last.number + 1 + c.ordinal, $2, c.ordinal, c.range, c.rows, c.bytes
        FROM last JOIN entered e ON e.table_id = last.id CROSS JOIN jsonb_to_recordset($6)
          AS c(ordinal integer, range jsonb, rows bigint, bytes bigint))
      SELECT number, EXISTS (SELECT FROM entered) FROM last
      """,
      [
        table, feed, source, columns.map { JSONValue.array($0.map(\.json)).jsonb },
        state?.json.jsonb, json(chunks),
      ]
    )
  }

  private func insert(
    _ chunks: ArraySlice<PlannedChunk>, table: TableID, feed: Int, after last: Int
  ) throws(PostgresError) {
    var rest = chunks
    while !rest.isEmpty {
      try connection.query(
        """
        INSERT INTO \(names.chunk)
          (table_id, number, feed, ordinal, range, row_estimate, byte_estimate)
        SELECT $1, $3 + 1 + c.ordinal, $2, c.ordinal, c.range, c.rows, c.bytes
        FROM jsonb_to_recordset($4) AS c(ordinal integer, range jsonb, rows bigint, bytes bigint)
        """, [table, feed, last, json(rest.prefix(Self.chunksOfStatement))])
      rest = rest.dropFirst(Self.chunksOfStatement)
    }
  }

  /// The chunks of a feed as JSON; their places in the feed are those in the list that the slice is of.
  private func json(_ chunks: ArraySlice<PlannedChunk>) -> Parameter {
    let rows = zip(chunks.indices, chunks).map { index, chunk -> JSONValue in
      [
        "ordinal": .int(index), "range": chunk.range.json(for: encoding),
        "rows": .int(chunk.rowEstimate), "bytes": .int(chunk.byteEstimate),
      ]
    }
    return JSONValue.array(rows).jsonb
  }

  private static func replacing(_ pattern: String, _ column: String) -> String {
    pattern.split(separator: "%@", omittingEmptySubsequences: false).joined(separator: column)
  }
}

extension Ledger {
  enum ChunkColumn: String, ColumnList {
    case table = "table_id"
    case number, feed, ordinal, range
    case rowEstimate = "row_estimate"
    case byteEstimate = "byte_estimate"
    case failures
  }

  /// The columns of a chunk's outcome, which a statement selects after those of the chunk.
  enum OutcomeColumn: String, ColumnList {
    case status
    case read = "rows_read"
    case loaded = "rows_loaded"
    case merged = "rows_merged"
    case filtered = "rows_filtered"
    case quarantined = "rows_quarantined"
    case warned = "warnings"
    case bytes
    case sourceWait = "source_wait"
    case transform = "transform_time"
    case targetWait = "target_wait"
    case commit = "commit_time"
    case run, lane, xid, fingerprint
    case lastFailure = "last_failure"
    case finished

    var sql: String { self == .finished ? Moment.sql(rawValue) : rawValue }
  }

  package static func chunk(_ found: QueryResult.Row) throws -> Chunk {
    let row = ColumnRow<ChunkColumn>(found)
    return Chunk(
      table: row.id(.table), number: row.number(.number), feed: row.number(.feed),
      ordinal: row.number(.ordinal), range: try ChunkRange(json: try row.json(.range)),
      rowEstimate: row.number(.rowEstimate), byteEstimate: row.number(.byteEstimate),
      failures: row.number(.failures))
  }

  private static func record(_ found: QueryResult.Row) throws -> ChunkRecord {
    let row = ColumnRow<OutcomeColumn>(found, after: ChunkColumn.allCases.count)
    var counts = ChunkCounts()
    counts.read = row.number(.read)
    counts.loaded = row.number(.loaded)
    counts.merged = row.number(.merged)
    counts.filtered = row.number(.filtered)
    counts.quarantined = row.number(.quarantined)
    counts.warned = row.number(.warned)
    counts.bytes = row.number(.bytes)
    counts.phases.sourceWait = row.number(.sourceWait)
    counts.phases.transform = row.number(.transform)
    counts.phases.targetWait = row.number(.targetWait)
    counts.phases.commit = row.number(.commit)
    return ChunkRecord(
      chunk: try chunk(found), status: Chunk.Status(rawValue: row.string(.status)) ?? .pending,
      counts: counts, run: row.optionalID(.run), lane: row.int(.lane), xid: row.int(.xid),
      fingerprint: row.bytes(.fingerprint), lastFailure: row.text(.lastFailure),
      finished: row.moment(.finished))
  }
}
