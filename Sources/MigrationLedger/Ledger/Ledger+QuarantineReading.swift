import MigrationBasics
import Postgres

extension Ledger {
  /// Returns a page of a session's quarantine, in the order of its numbers.
  package func quarantined(
    session: SessionID, _ filter: QuarantineFilter = QuarantineFilter(), limit: Int = 1000
  ) throws -> [QuarantineEntry] {
    let found = try connection.query(
      """
      SELECT \(EntryColumn.list)
      FROM \(names.quarantine) q JOIN \(names.table) t ON t.id = q.table_id
      WHERE \(Self.filterCondition) ORDER BY q.id LIMIT $8
      """, Self.parameters(session, filter) + [limit])
    return try found.rows.map { try Self.entry($0) }
  }

  /// Hands over a session's quarantine in the order of its numbers, some hundred rows at a time.
  ///
  /// One statement reads all of it, whereas each page is a statement that may read as much as all of them.
  func eachQuarantined(
    session: SessionID, _ filter: QuarantineFilter = QuarantineFilter(),
    _ body: ([QuarantineEntry]) throws -> Void
  ) throws {
    let isOwn = try connection.transactionState() == .idle
    try connection.rollingBackFailures(if: isOwn) {
      var pipeline = Pipeline()
      if isOwn { pipeline.begin() }
      pipeline.query(
        """
        DECLARE migrate_quarantine NO SCROLL CURSOR FOR SELECT \(EntryColumn.list)
        FROM \(names.quarantine) q JOIN \(names.table) t ON t.id = q.table_id
        WHERE \(Self.filterCondition) ORDER BY q.id
        """, Self.parameters(session, filter))
      while true {
        let place = pipeline.query("FETCH 500 FROM migrate_quarantine")
        let found = try connection.run(pipeline)[place]
        if found.rowCount > 0 { try body(found.rows.map { try Self.entry($0) }) }
        if found.rowCount < 500 { break }
        pipeline = Pipeline()
      }
      pipeline = Pipeline()
      pipeline.query("CLOSE migrate_quarantine")
      if isOwn { pipeline.commit() }
      try connection.run(pipeline)
    }
  }

  /// Returns the highest number in the quarantine.
  package func lastQuarantined() throws -> Int {
    var pipeline = Pipeline()
    let place = lastQuarantined(in: &pipeline)
    return try connection.run(pipeline)[place].int(0, 0) ?? 0
  }

  /// Asks with a pipeline for the highest number in the quarantine.
  package func lastQuarantined(in pipeline: inout Pipeline) -> Pipeline.Place {
    pipeline.query("SELECT coalesce(max(id), 0) FROM \(names.quarantine)")
  }

  /// Returns the rows that a chunk quarantined.
  package func quarantined(chunk: Chunk) throws -> [QuarantineEntry] {
    let found = try connection.query(
      """
      SELECT \(EntryColumn.list)
      FROM \(names.quarantine) q JOIN \(names.table) t ON t.id = q.table_id
      WHERE q.table_id = $1 AND q.chunk = $2 ORDER BY q.id
      """, [chunk.table, chunk.number])
    return try found.rows.map { try Self.entry($0) }
  }

  /// Returns what the quarantine has about one source row.
  package func quarantined(
    session: SessionID, table: TableID, feed: Int, key: JSONValue
  ) throws -> [QuarantineEntry] {
    let found = try connection.query(
      """
      SELECT \(EntryColumn.list)
      FROM \(names.quarantine) q JOIN \(names.table) t ON t.id = q.table_id
      WHERE t.session = $1 AND t.id = $2 AND q.feed = $3 AND q.key = $4 ORDER BY q.id
      """, [session, table, feed, EscapedText.encode(key, for: encoding).jsonb])
    return try found.rows.map { try Self.entry($0) }
  }

  /// Returns the keys that a feed's rows in the quarantine have, with their members in one order.
  package func quarantinedKeys(table: TableID, feed: Int) throws -> Set<JSONValue> {
    let found = try connection.query(
      "SELECT DISTINCT key::text FROM \(names.quarantine) WHERE table_id = $1 AND feed = $2",
      [table, feed])
    return Set(try found.rows.map { EscapedText.decode(try $0.json(0)).sortedMembers })
  }

  /// Counts a session's quarantine.
  package func quarantineCount(
    session: SessionID, _ filter: QuarantineFilter = QuarantineFilter()
  ) throws -> Int {
    let found = try connection.query(
      """
      SELECT count(*) FROM \(names.quarantine) q JOIN \(names.table) t ON t.id = q.table_id
      WHERE \(Self.filterCondition)
      """, Self.parameters(session, filter))
    return found.int(0, 0) ?? 0
  }

  /// Groups a session's quarantine by table, code, reason and column; the most frequent first.
  package func quarantinePatterns(
    session: SessionID, _ filter: QuarantineFilter = QuarantineFilter()
  ) throws -> [QuarantinePattern] {
    let found = try connection.query(
      """
      WITH pattern AS (
        SELECT min(q.id) AS first, count(*) AS count,
          count(*) FILTER (WHERE q.status = 'open') AS open
        FROM \(names.quarantine) q JOIN \(names.table) t ON t.id = q.table_id
        WHERE \(Self.filterCondition) GROUP BY t.id, q.code, q.reason, q.column_name)
      SELECT \(EntryColumn.list), \(PatternColumn.list)
      FROM pattern p JOIN \(names.quarantine) q ON q.id = p.first
        JOIN \(names.table) t ON t.id = q.table_id
      ORDER BY p.count DESC, q.id
      """, Self.parameters(session, filter))
    return try found.rows.map { found in
      let entry = try Self.entry(found)
      let row = ColumnRow<PatternColumn>(found, after: EntryColumn.allCases.count)
      return QuarantinePattern(
        table: entry.table, code: entry.row.code.rawValue, reason: entry.row.reason,
        column: entry.row.column, count: row.number(.count), openCount: row.number(.open),
        example: entry)
    }
  }

  /// The columns of a row in the quarantine, in a statement that calls the quarantine `q` and its table `t`.
  enum EntryColumn: String, ColumnList {
    case id, table, feed, chunk, key, row, code, reason
    case column = "column_name"
    case value, hint, winner, status, retries, note, added

    var sql: String {
      switch self {
      case .table: "t.name"
      case .key, .row, .winner: "q.\(rawValue)::text"
      case .added: Moment.sql("q.added")
      default: "q.\(rawValue)"
      }
    }
  }

  private enum PatternColumn: String, ColumnList {
    case count = "p.count"
    case open = "p.open"
  }

  private static let filterCondition =
    """
    t.session = $1 AND ($2::text IS NULL OR t.name = $2) AND ($3::text IS NULL OR q.code = $3)
    AND ($4::text IS NULL OR q.reason = $4) AND ($5::text IS NULL OR q.column_name = $5)
    AND ($6::text IS NULL OR q.status = $6) AND q.id > $7
    """

  private static func parameters(
    _ session: SessionID, _ filter: QuarantineFilter
  ) -> [(any ParameterConvertible)?] {
    [
      session, filter.table, filter.code?.rawValue, filter.reason, filter.column,
      filter.status?.rawValue, filter.after,
    ]
  }

  static func entry(_ found: QueryResult.Row) throws -> QuarantineEntry {
    let row = ColumnRow<EntryColumn>(found)
    guard let code = ErrorCode(rawValue: row.string(.code)),
      let status = QuarantinedRow.Status(rawValue: row.string(.status))
    else {
      throw LedgerError(
        .ledgerDamaged, "a quarantined row has an unknown code or state",
        place: "row \(row.number(.id))")
    }
    let quarantined = QuarantinedRow(
      key: try row.json(.key), row: try row.json(.row), code: code, reason: row.string(.reason),
      column: row.text(.column), value: row.text(.value), hint: row.text(.hint),
      winner: row.isNull(.winner) ? JSONValue?.none : try row.json(.winner))
    return QuarantineEntry(
      id: row.number(.id), table: row.string(.table), feed: row.number(.feed),
      chunk: row.number(.chunk), row: quarantined, status: status, retries: row.number(.retries),
      note: row.text(.note), added: row.moment(.added) ?? Moment(microseconds: 0))
  }
}
