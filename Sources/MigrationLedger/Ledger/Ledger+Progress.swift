import Postgres

extension Ledger {
  /// Returns how far each table of a session is, in the order of loading.
  ///
  /// - Parameter tables: the tables to ask about; nil means all of the session.
  package func progress(session: SessionID, tables: [String]? = nil) throws -> [TableProgress] {
    try progressRows(session: session, tables: tables).rows.compactMap(Self.progress)
  }

  /// Returns the row counts of each source of a table; sources whose chunks are not planned yet are not among them.
  package func feedProgress(table: TableID) throws -> [FeedProgress] {
    try connection.query(
      """
      SELECT f.feed, f.source, c.* FROM \(names.feed) f CROSS JOIN LATERAL (
        SELECT \(Self.sums) FROM \(names.chunk) c WHERE c.table_id = f.table_id AND c.feed = f.feed) c
      WHERE f.table_id = $1 ORDER BY f.feed
      """, [table]
    ).rows.map { row in
      FeedProgress(
        source: row.string(1), chunks: row.number(2), chunksDone: row.number(3),
        rowEstimate: row.number(4), read: row.number(7), loaded: row.number(8),
        merged: row.number(9), filtered: row.number(10), quarantined: row.number(11))
    }
  }

  /// Asks for the progress of tables, the ledger's identity and the server's time in one statement.
  ///
  /// There is always a row; without a table its first column is null.
  func progressRows(session: SessionID, tables: [String]?) throws(PostgresError) -> QueryResult {
    try connection.query(
      """
      SELECT t.id, t.name, t.position, t.status, \(Moment.sql("t.started")), \(Moment.sql("t.loaded")),
        \(Moment.sql("t.finished")), c.*, l.range::text, (SELECT ledger::text FROM \(names.meta)),
        \(Moment.sql("clock_timestamp()"))
      FROM (SELECT) one
        LEFT JOIN \(names.table) t ON t.session = $1 AND ($2::text[] IS NULL OR t.name = ANY ($2))
        LEFT JOIN LATERAL (
          SELECT \(Self.sums), \(Moment.sql("max(c.finished)")),
            coalesce(min(c.number) FILTER (WHERE c.status = 'pending'), count(c.number)) - 1 AS last
          FROM \(names.chunk) c WHERE c.table_id = t.id) c ON true
        LEFT JOIN \(names.chunk) l ON l.table_id = t.id AND l.number = c.last
      ORDER BY t.position, t.id
      """, [session, tables])
  }

  /// Columns of `progressRows` that do not depend on a table.
  static let (identityColumn, timeColumn) = (26, 27)

  /// Returns the row counts of a session's tables, in the order of loading.
  ///
  /// - Parameters:
  ///   - run: the run that `readByRun` counts.
  ///   - tables: the tables to ask about; nil means all of the session.
  package func balance(
    session: SessionID, run: RunID? = nil, tables: [String]? = nil
  ) throws -> [RowCounts] {
    let found = try connection.query(
      """
      SELECT t.name, c.*, q.*,
        (SELECT count(*) FROM \(names.merged) m WHERE m.table_id = t.id) + coalesce(u.merged, 0),
        (SELECT coalesce(sum(w.count), 0)::bigint FROM \(names.warning) w WHERE w.table_id = t.id),
        coalesce(u.one_sided, 0),
        (SELECT coalesce(sum(r.rows_read), 0)::bigint FROM \(names.chunk) r
          WHERE r.table_id = t.id AND r.run = $2)
      FROM \(names.table) t LEFT JOIN \(names.mergeTotal) u ON u.table_id = t.id
      CROSS JOIN LATERAL (SELECT \(Self.sums) FROM \(names.chunk) c WHERE c.table_id = t.id) c
      CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE status = 'open'), count(*) FILTER (WHERE status = 'retried'),
          count(*) FILTER (WHERE status = 'settled')
        FROM \(names.quarantine) q WHERE q.table_id = t.id) q
      WHERE t.session = $1 AND ($3::text[] IS NULL OR t.name = ANY ($3)) ORDER BY t.position, t.id
      """, [session, run, tables])
    return found.rows.map { row in
      RowCounts(
        table: row.string(0), read: row.number(6), readByRun: row.number(23),
        loaded: row.number(7), merged: row.number(8),
        filtered: row.number(9), quarantined: row.number(10), warned: row.number(11),
        chunks: row.number(1), chunksDone: row.number(2), open: row.number(17),
        retried: row.number(18), settled: row.number(19), mergedKeys: row.number(20),
        asymmetric: row.number(22), warningsKept: row.number(21))
    }
  }

  private static let sums =
    """
    count(c.number), count(c.number) FILTER (WHERE c.status = 'done'),
    coalesce(sum(c.row_estimate), 0)::bigint,
    coalesce(sum(c.row_estimate) FILTER (WHERE c.status = 'done'), 0)::bigint,
    coalesce(sum(c.byte_estimate), 0)::bigint,
    \(["rows_read", "rows_loaded", "rows_merged", "rows_filtered", "rows_quarantined", "warnings",
      "bytes", "source_wait", "transform_time", "target_wait", "commit_time"]
      .map { "coalesce(sum(c.\($0)), 0)::bigint" }.joined(separator: ", "))
    """

  package static func progress(_ row: QueryResult.Row) throws -> TableProgress? {
    guard !row.isNull(0) else { return nil }
    var counts = ChunkCounts()
    (counts.read, counts.loaded, counts.merged) = (row.number(12), row.number(13), row.number(14))
    (counts.filtered, counts.quarantined) = (row.number(15), row.number(16))
    (counts.warned, counts.bytes) = (row.number(17), row.number(18))
    counts.phases.sourceWait = row.number(19)
    counts.phases.transform = row.number(20)
    counts.phases.targetWait = row.number(21)
    counts.phases.commit = row.number(22)
    return TableProgress(
      table: state(row), chunks: row.number(7), chunksDone: row.number(8),
      rowEstimate: row.number(9), rowEstimateDone: row.number(10), byteEstimate: row.number(11),
      counts: counts, lastCommit: row.moment(23), lastKey: try lastKey(row))
  }

  private static func lastKey(_ row: QueryResult.Row) throws -> [String] {
    guard !row.isNull(25) else { return [] }
    // The last chunk of a feed is open-ended: its lower end is the last key that is known.
    guard case .keys(let lower, let upper) = try ChunkRange(json: try row.json(25)) else {
      return []
    }
    return upper?.key ?? lower?.key ?? []
  }
}
