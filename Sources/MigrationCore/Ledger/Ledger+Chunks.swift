import Postgres

extension Ledger {
  /// Enters the chunks of a feed, all of them at once, in the order of the key.
  ///
  /// Feeds are entered in their order, so that chunk numbers order a table's rows by feed, then key.
  ///
  /// - Throws: `alreadyPlanned` if the feed or a later one has its chunks, which never change.
  public func insertBoundaries(
    table: Int, feed: Int, source: String, _ chunks: [PlannedChunk]
  ) throws {
    try atomically {
      // The row lock makes two programs that plan at once take turns.
      let last = try oneRow(
        """
        SELECT coalesce((SELECT max(number) FROM \(names.chunk) WHERE table_id = t.id), -1),
          coalesce((SELECT max(feed) FROM \(names.feed) WHERE table_id = t.id), -1)
        FROM (SELECT id FROM \(names.table) WHERE id = $1 FOR NO KEY UPDATE) t
        """, [table],
        otherwise: LedgerError(.unknown, "the ledger has no table number \(table)"))
      guard last.number(1) < feed else {
        throw LedgerError(
          .alreadyPlanned, "the chunks of feed \(feed) are planned already, or a later feed's are",
          place: "table number \(table)")
      }
      try connection.query(
        "INSERT INTO \(names.feed) (table_id, feed, source) VALUES ($1, $2, $3)",
        [table, feed, source])
      try insert(chunks, table: table, feed: feed, after: last.number(0))
    }
  }

  /// Returns the feeds of a table whose chunks are planned.
  public func plannedFeeds(table: Int) throws -> Set<Int> {
    let found = try connection.query("SELECT feed FROM \(names.feed) WHERE table_id = $1", [table])
    return Set(found.rows.map { $0.number(0) })
  }

  /// Returns chunks of a table in order, all or those in one state.
  public func chunks(table: Int, status: Chunk.Status? = nil) throws -> [ChunkRecord] {
    let found = try connection.query(
      """
      SELECT \(Self.chunkColumns), \(Self.outcomeColumns) FROM \(names.chunk)
      WHERE table_id = $1 AND ($2::text IS NULL OR status = $2) ORDER BY number
      """, [table, status?.rawValue])
    return try found.rows.map(Self.record)
  }

  /// Returns one chunk; this is what to ask after a commit whose outcome is unknown.
  public func chunk(table: Int, number: Int) throws -> ChunkRecord? {
    let found = try connection.query(
      """
      SELECT \(Self.chunkColumns), \(Self.outcomeColumns) FROM \(names.chunk)
      WHERE table_id = $1 AND number = $2
      """, [table, number])
    return try found.rows.first.map(Self.record)
  }

  /// Makes chunks pending again and forgets what became of their rows; nil means all of the table.
  ///
  /// Belongs into the transaction that takes the rows out of the target. It waits for lanes that
  /// have one of the chunks in hand.
  public func resetChunks(table: Int, numbers: [Int]? = nil) throws {
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

  /// Forgets the chunks and feeds of a table, so that it can be planned anew.
  public func removeChunks(table: Int) throws {
    try atomically {
      try resetChunks(table: table)
      try connection.query("DELETE FROM \(names.duplicate) WHERE table_id = $1", [table])
      try connection.query("DELETE FROM \(names.chunk) WHERE table_id = $1", [table])
      try connection.query("DELETE FROM \(names.feed) WHERE table_id = $1", [table])
    }
  }

  private func insert(
    _ chunks: [PlannedChunk], table: Int, feed: Int, after last: Int
  ) throws(PostgresError) {
    // A JSON text of some thousand ranges each time, so that no statement grows without bound.
    for start in stride(from: 0, to: chunks.count, by: 5000) {
      let part = chunks[start..<min(start + 5000, chunks.count)]
      let rows = part.enumerated().map { index, chunk -> JSONValue in
        [
          "ordinal": .int(start + index), "range": chunk.range.json(for: encoding),
          "rows": .int(chunk.rowEstimate), "bytes": .int(chunk.byteEstimate),
        ]
      }
      try connection.query(
        """
        INSERT INTO \(names.chunk)
          (table_id, number, feed, ordinal, range, row_estimate, byte_estimate)
        SELECT $1, $3 + 1 + c.ordinal, $2, c.ordinal, c.range, c.rows, c.bytes
        FROM jsonb_to_recordset($4) AS c(ordinal integer, range jsonb, rows bigint, bytes bigint)
        """, [table, feed, last, JSONValue.array(rows).jsonb])
    }
  }

  private static func replacing(_ pattern: String, _ column: String) -> String {
    pattern.split(separator: "%@", omittingEmptySubsequences: false).joined(separator: column)
  }
}

extension Ledger {
  static let chunkColumns =
    "table_id, number, feed, ordinal, range::text, row_estimate, byte_estimate, failures"

  private static let outcomeColumns =
    """
    status, rows_read, rows_loaded, rows_merged, rows_filtered, rows_quarantined, warnings, bytes,
    source_wait, transform_time, target_wait, commit_time, run, lane, xid, fingerprint,
    last_failure, \(Moment.sql("finished"))
    """

  static func chunk(_ row: QueryResult.Row) throws -> Chunk {
    Chunk(
      table: row.number(0), number: row.number(1), feed: row.number(2), ordinal: row.number(3),
      range: try ChunkRange(json: try row.json(4)), rowEstimate: row.number(5),
      byteEstimate: row.number(6), failures: row.number(7))
  }

  private static func record(_ row: QueryResult.Row) throws -> ChunkRecord {
    var counts = ChunkCounts()
    (counts.read, counts.loaded, counts.merged) = (row.number(9), row.number(10), row.number(11))
    (counts.filtered, counts.quarantined) = (row.number(12), row.number(13))
    (counts.warned, counts.bytes) = (row.number(14), row.number(15))
    counts.phases.sourceWait = row.number(16)
    counts.phases.transform = row.number(17)
    counts.phases.targetWait = row.number(18)
    counts.phases.commit = row.number(19)
    return ChunkRecord(
      chunk: try chunk(row), status: Chunk.Status(rawValue: row.string(8)) ?? .pending,
      counts: counts, run: row.int(20), lane: row.int(21), xid: row.int(22),
      fingerprint: row.bytes(23), lastFailure: row.text(24), finished: row.moment(25))
  }
}
