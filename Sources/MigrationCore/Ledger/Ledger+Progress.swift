import Postgres

extension Ledger {
  /// Returns how far each table of a session is, in the order of loading.
  public func progress(session: Int) throws -> [TableProgress] {
    let states = try tables(session: session)
    let sums = try connection.query(
      """
      SELECT t.id, \(Self.sums), \(Moment.sql("max(c.finished)")),
        min(c.number) FILTER (WHERE c.status = 'pending')
      FROM \(names.table) t LEFT JOIN \(names.chunk) c ON c.table_id = t.id
      WHERE t.session = $1 GROUP BY t.id
      """, [session])
    let rows = Dictionary(uniqueKeysWithValues: sums.rows.map { ($0.number(0), $0) })
    return try states.compactMap { state in
      try rows[state.id].map { try progress(state, $0) }
    }
  }

  /// Returns the balance sheets of a session's tables, in the order of loading.
  ///
  /// - Parameter run: the run of which `readByRun` tells.
  public func balance(session: Int, run: Int? = nil) throws -> [BalanceSheet] {
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
      WHERE t.session = $1 ORDER BY t.position, t.id
      """, [session, run])
    return found.rows.map { row in
      BalanceSheet(
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

  private func progress(_ state: TableState, _ row: QueryResult.Row) throws -> TableProgress {
    var counts = ChunkCounts()
    (counts.read, counts.loaded, counts.merged) = (row.number(6), row.number(7), row.number(8))
    (counts.filtered, counts.quarantined) = (row.number(9), row.number(10))
    (counts.warned, counts.bytes) = (row.number(11), row.number(12))
    counts.phases.sourceWait = row.number(13)
    counts.phases.transform = row.number(14)
    counts.phases.targetWait = row.number(15)
    counts.phases.commit = row.number(16)
    return TableProgress(
      table: state, chunks: row.number(1), chunksDone: row.number(2), rowEstimate: row.number(3),
      rowEstimateDone: row.number(4), byteEstimate: row.number(5), counts: counts,
      lastCommit: row.moment(17),
      lastKey: try lastKey(table: state.id, firstPending: row.int(18), chunks: row.number(1)))
  }

  private func lastKey(table: Int, firstPending: Int?, chunks: Int) throws -> [String] {
    let number = (firstPending ?? chunks) - 1
    guard number >= 0, let record = try chunk(table: table, number: number) else { return [] }
    // The last chunk of a feed is open-ended: its lower end is the last key that is known.
    guard case .keys(let lower, let upper) = record.chunk.range else { return [] }
    return upper?.key ?? lower?.key ?? []
  }
}
