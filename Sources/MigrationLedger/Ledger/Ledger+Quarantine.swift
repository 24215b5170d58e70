import MigrationBasics
import Postgres

extension Ledger {
  /// Quarantines rows of a chunk, in the transaction that completes the chunk.
  ///
  /// Lists that are full go out at once, and the last one with the pipeline.
  func quarantine(
    _ rows: [QuarantinedRow], of chunk: Chunk, in pipeline: inout Pipeline
  ) throws(PostgresError) -> PendingRejects {
    var rejects = PendingRejects()
    var list = JSONList()
    for row in rows {
      rejects.rows.append(row.storable(for: encoding))
      list.append(rejects.rows[rejects.rows.count - 1].json)
      guard list.isFull, rejects.rows.count < rows.count else { continue }
      let (sql, parameters) = insertion(of: list.take(), chunk)
      rejects.sent.append(try connection.query(sql, parameters))
    }
    guard list.count > 0 else { return rejects }
    let (sql, parameters) = insertion(of: list.take(), chunk)
    rejects.last = pipeline.query(sql, parameters)
    return rejects
  }

  /// Rows that are quarantined, or will be with a pipeline.
  struct PendingRejects {
    fileprivate var rows: [QuarantinedRow] = []
    fileprivate var sent: [QueryResult] = []
    fileprivate var last: Pipeline.Place?

    /// Returns the rows as they are in the ledger.
    func entries(
      _ results: Pipeline.Results, of chunk: Chunk, table: String
    ) -> [QuarantineEntry] {
      let places = (sent + (last.map { [results[$0]] } ?? [])).flatMap(\.rows)
      return zip(rows, places).map { row, place in
        QuarantineEntry(
          id: place.number(0), table: table, feed: chunk.feed, chunk: chunk.number, row: row,
          status: .open, retries: 0, note: nil,
          added: place.moment(1) ?? Moment(microseconds: 0))
      }
    }
  }

  /// Keeps the keys of a chunk's merged rows, in the transaction that completes the chunk.
  package func recordMerged(_ rows: [MergedRow], of chunk: Chunk) throws(PostgresError) {
    guard !rows.isEmpty else { return }
    let json = rows.map { row -> JSONValue in
      [
        "key": EscapedText.storable(row.key, for: encoding),
        "winner": EscapedText.storable(row.winner, for: encoding),
      ]
    }
    try connection.query(
      """
      INSERT INTO \(names.merged) (table_id, feed, chunk, key, winner)
      SELECT $1, $2, $3, m.key, m.winner
      FROM jsonb_to_recordset($4) AS m(key jsonb, winner jsonb)
      """, [chunk.table, chunk.feed, chunk.number, JSONValue.array(json).jsonb])
  }

  /// Keeps a chunk's warnings, in the transaction that completes the chunk.
  func recordWarnings(
    _ warnings: [WarningCount], of chunk: Chunk, in pipeline: inout Pipeline
  ) {
    guard !warnings.isEmpty else { return }
    let json = warnings.map { warning -> JSONValue in
      [
        "column_name": .text(warning.column ?? ""), "reason": .text(warning.reason),
        "count": .int(warning.count),
        "examples": .array(warning.examples.map { EscapedText.storable($0, for: encoding) }),
      ]
    }
    pipeline.query(
      """
      INSERT INTO \(names.warning) (table_id, chunk, column_name, reason, count, examples)
      SELECT $1, $2, w.column_name, w.reason, w.count, w.examples FROM jsonb_to_recordset($3)
        AS w(column_name text, reason text, count bigint, examples jsonb)
      """, [chunk.table, chunk.number, JSONValue.array(json).jsonb])
  }

  /// Returns a session's warnings by table, column and reason, with a few keys for each.
  package func warnings(session: SessionID) throws -> [(table: String, warning: WarningCount)] {
    let found = try connection.query(
      """
      SELECT t.name, w.column_name, w.reason, sum(w.count)::bigint,
        (SELECT jsonb_agg(e.key) FROM (
          SELECT k.key FROM \(names.warning) f, jsonb_array_elements(f.examples) k(key)
          WHERE f.table_id = t.id AND f.column_name = w.column_name AND f.reason = w.reason
          ORDER BY f.chunk LIMIT \(ExampleKeys.most)) e)::text
      FROM \(names.warning) w JOIN \(names.table) t ON t.id = w.table_id
      WHERE t.session = $1
      GROUP BY t.id, t.name, t.position, w.column_name, w.reason
      ORDER BY t.position, w.column_name, w.reason
      """, [session])
    return try found.rows.map { row in
      let column = row.string(1)
      guard case .array(let examples) = try row.json(4) else {
        throw LedgerError(.ledgerDamaged, "the examples of a warning are not a list")
      }
      let warning = WarningCount(
        column: column.isEmpty ? nil : column, reason: row.string(2), count: row.number(3),
        examples: examples)
      return (row.string(0), warning)
    }
  }

  private func insertion(
    of rows: Parameter, _ chunk: Chunk
  ) -> (sql: String, parameters: [(any ParameterConvertible)?]) {
    (
      """
      INSERT INTO \(names.quarantine)
        (table_id, feed, chunk, key, row, code, reason, column_name, value, hint, winner)
      SELECT $1, $2, $3, q.key, q.row, q.code, q.reason, q.column_name, q.value, q.hint,
        nullif(q.winner, 'null')
      FROM jsonb_to_recordset($4) AS q(key jsonb, row jsonb, code text, reason text,
        column_name text, value text, hint text, winner jsonb)
      RETURNING id, \(Moment.sql("added"))
      """, [chunk.table, chunk.feed, chunk.number, rows]
    )
  }
}
