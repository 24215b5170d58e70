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
      SELECT f.source, c.* FROM \(names.feed) f CROSS JOIN LATERAL (
        SELECT \(ChunkSum.list) FROM \(names.chunk) c
        WHERE c.table_id = f.table_id AND c.feed = f.feed) c
      WHERE f.table_id = $1 ORDER BY f.feed
      """, [table]
    ).rows.map { row in
      let sums = ColumnRow<ChunkSum>(row, after: 1)
      return FeedProgress(
        source: row.string(0), chunks: sums.number(.chunks), chunksDone: sums.number(.chunksDone),
        rowEstimate: sums.number(.rowEstimate), read: sums.number(.read),
        loaded: sums.number(.loaded), merged: sums.number(.merged),
        filtered: sums.number(.filtered), quarantined: sums.number(.quarantined))
    }
  }

  /// Asks for the progress of tables, the ledger's identity and the server's time in one statement.
  ///
  /// There is always a row; the columns of a table are null if there is none.
  func progressRows(session: SessionID, tables: [String]?) throws(PostgresError) -> QueryResult {
    try connection.query(
      """
      SELECT \(TableColumn.list), \(ProgressColumn.list), c.*
      FROM (SELECT (SELECT ledger FROM \(names.meta))) one
        LEFT JOIN \(names.table) t ON t.session = $1 AND ($2::text[] IS NULL OR t.name = ANY ($2))
        LEFT JOIN LATERAL (
          SELECT \(ChunkSum.list), max(c.finished) AS finished,
            coalesce(min(c.number) FILTER (WHERE c.status = 'pending'), count(c.number)) - 1 AS last
          FROM \(names.chunk) c WHERE c.table_id = t.id) c ON true
        LEFT JOIN \(names.chunk) l ON l.table_id = t.id AND l.number = c.last
      ORDER BY t.position, t.id
      """, [session, tables])
  }

  /// What `progressRows` selects between the state of a table and the sums of its chunks.
  enum ProgressColumn: String, ColumnList {
    case lastCommit = "c.finished"
    case lastRange = "l.range"
    // These two do not depend on a table.
    case identity = "one.ledger"
    case time = "clock_timestamp()"

    var sql: String {
      switch self {
      case .lastCommit, .time: Moment.sql(rawValue)
      case .lastRange, .identity: rawValue
      }
    }
  }

  static func progressColumns(_ row: QueryResult.Row) -> ColumnRow<ProgressColumn> {
    ColumnRow(row, after: TableColumn.allCases.count)
  }

  /// Returns the row counts of a session's tables, in the order of loading.
  ///
  /// - Parameters:
  ///   - run: the run that `readByRun` counts.
  ///   - tables: the tables to ask about; nil means all of the session.
  package func balance(
    session: SessionID, run: RunID? = nil, tables: [String]? = nil
  ) throws -> [RowCounts] {
    Self.balance(try connection.query(countingRows, [session, run, tables]))
  }

  private var countingRows: String {
    """
    SELECT \(BalanceColumn.list), c.*
    FROM \(names.table) t LEFT JOIN \(names.mergeTotal) u ON u.table_id = t.id
    CROSS JOIN LATERAL (SELECT \(ChunkSum.list) FROM \(names.chunk) c WHERE c.table_id = t.id) c
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE status = 'open') AS open,
        count(*) FILTER (WHERE status = 'retried') AS retried,
        count(*) FILTER (WHERE status = 'settled') AS settled
      FROM \(names.quarantine) q WHERE q.table_id = t.id) q
    CROSS JOIN LATERAL (
      SELECT (SELECT count(*) FROM \(names.merged) m WHERE m.table_id = t.id) AS merged,
        (SELECT coalesce(sum(w.count), 0)::bigint FROM \(names.warning) w
          WHERE w.table_id = t.id) AS warnings,
        (SELECT coalesce(sum(r.rows_read), 0)::bigint FROM \(names.chunk) r
          WHERE r.table_id = t.id AND r.run = $2) AS read_by_run) o
    WHERE t.session = $1 AND ($3::text[] IS NULL OR t.name = ANY ($3)) ORDER BY t.position, t.id
    """
  }

  private static func balance(_ found: QueryResult) -> [RowCounts] {
    found.rows.map { found in
      let row = ColumnRow<BalanceColumn>(found)
      let sums = ColumnRow<ChunkSum>(found, after: BalanceColumn.allCases.count)
      return RowCounts(
        table: row.string(.table), read: sums.number(.read), readByRun: row.number(.readByRun),
        loaded: sums.number(.loaded), merged: sums.number(.merged),
        filtered: sums.number(.filtered), quarantined: sums.number(.quarantined),
        warned: sums.number(.warned), chunks: sums.number(.chunks),
        chunksDone: sums.number(.chunksDone), open: row.number(.open),
        retried: row.number(.retried), settled: row.number(.settled),
        mergedKeys: row.number(.mergedKeys), asymmetric: row.number(.asymmetric),
        warningsKept: row.number(.warningsKept))
    }
  }

  /// Asks with a pipeline for the row counts of a table, and calls it done if they add up and none of its rows was ever
  /// quarantined.
  ///
  /// - Parameter condition: what else must hold, as an SQL condition.
  package func finish(
    table: TableID, named name: String, session: SessionID, run: RunID?, if condition: String,
    in pipeline: inout Pipeline
  ) -> Pipeline.Place {
    pipeline.query(
      """
      WITH b (\(Self.countNames.joined(separator: ", "))) AS MATERIALIZED (\(countingRows)),
      ended AS (
        UPDATE \(names.table) t SET status = 'done', \(Self.noting(.done)) FROM b
        WHERE t.id = $4 AND b."counted chunks" = b."counted chunksDone"
          AND b."counted quarantined" = 0
          AND b."counted open" + b."counted retried" + b."counted settled" = 0
          AND b."counted read" = b."counted loaded" + b."counted merged" + b."counted filtered"
          AND b."counted merged" = b."counted mergedKeys"
          AND b."counted warned" = b."counted warningsKept" AND (\(condition))
        RETURNING t.id)
      SELECT b.*, EXISTS (SELECT FROM ended) FROM b
      """, [session, run, [name], table])
  }

  /// What the columns of `countingRows` are called within a statement: as no column of the ledger's tables is.
  private static var countNames: [String] {
    (BalanceColumn.allCases.map { "\($0)" } + ChunkSum.allCases.map { "\($0)" })
      .map { "\"counted \($0)\"" }
  }

  /// Returns the row counts that `finish` asked for, nil if there is no such table, and whether it is done now.
  package static func finished(_ found: QueryResult) -> (counts: RowCounts?, isDone: Bool) {
    (balance(found).first, found.rows.first?.bool(countNames.count) ?? false)
  }

  /// What `countingRows` selects before the sums of a table's chunks.
  private enum BalanceColumn: String, ColumnList {
    case table = "t.name"
    case open = "q.open"
    case retried = "q.retried"
    case settled = "q.settled"
    case mergedKeys = "o.merged + coalesce(u.merged, 0)"
    case warningsKept = "o.warnings"
    case asymmetric = "coalesce(u.one_sided, 0)"
    case readByRun = "o.read_by_run"
  }

  /// The sums over chunks, in a statement that calls them `c`.
  enum ChunkSum: String, ColumnList {
    case chunks, chunksDone
    case rowEstimate = "row_estimate"
    case rowEstimateDone
    case byteEstimate = "byte_estimate"
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

    var sql: String {
      let done = "FILTER (WHERE c.status = 'done')"
      return switch self {
      case .chunks: "count(c.number)"
      case .chunksDone: "count(c.number) \(done)"
      case .rowEstimateDone: "coalesce(sum(c.row_estimate) \(done), 0)::bigint"
      default: "coalesce(sum(c.\(rawValue)), 0)::bigint"
      }
    }
  }

  static func progress(_ found: QueryResult.Row) throws -> TableProgress? {
    guard !ColumnRow<TableColumn>(found).isNull(.id) else { return nil }
    let row = progressColumns(found)
    let sums = ColumnRow<ChunkSum>(
      found, after: TableColumn.allCases.count + ProgressColumn.allCases.count)
    var counts = ChunkCounts()
    counts.read = sums.number(.read)
    counts.loaded = sums.number(.loaded)
    counts.merged = sums.number(.merged)
    counts.filtered = sums.number(.filtered)
    counts.quarantined = sums.number(.quarantined)
    counts.warned = sums.number(.warned)
    counts.bytes = sums.number(.bytes)
    counts.phases.sourceWait = sums.number(.sourceWait)
    counts.phases.transform = sums.number(.transform)
    counts.phases.targetWait = sums.number(.targetWait)
    counts.phases.commit = sums.number(.commit)
    return TableProgress(
      table: state(found), chunks: sums.number(.chunks), chunksDone: sums.number(.chunksDone),
      rowEstimate: sums.number(.rowEstimate), rowEstimateDone: sums.number(.rowEstimateDone),
      byteEstimate: sums.number(.byteEstimate), counts: counts,
      lastCommit: row.moment(.lastCommit), lastKey: try lastKey(row))
  }

  private static func lastKey(_ row: ColumnRow<ProgressColumn>) throws -> [String] {
    guard !row.isNull(.lastRange) else { return [] }
    // The last chunk of a feed is open-ended: its lower end is the last key that is known.
    guard case .keys(let lower, let upper) = try ChunkRange(json: try row.json(.lastRange)) else {
      return []
    }
    return upper?.key ?? lower?.key ?? []
  }
}
