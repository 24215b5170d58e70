import MigrationBasics
import MigrationLedger
import Postgres

/// Rows that were loaded and have to go into the quarantine, collected from chunk to chunk.
///
/// The ledger is read and written for all of them together: how many statements that takes depends on their size,
/// and not on how many chunks or rows there are.
struct LateQuarantine {
  private struct Candidate {
    let chunk: Chunk
    /// What finds the row in the target.
    let id: [UInt8]
    let row: QuarantinedRow
  }

  private var candidates: [Candidate] = []
  private var byteCount = 0
  /// What finds the rows of the candidates.
  private(set) var ids: Set<[UInt8]> = []

  /// Whether the candidates should go into the ledger before more are collected.
  var isFull: Bool { candidates.count >= 1000 || byteCount > 4 << 20 }

  mutating func add(_ row: QuarantinedRow, id: [UInt8], of chunk: Chunk, for ledger: Ledger) {
    let row = row.storable(for: ledger.encoding)
    candidates.append(Candidate(chunk: chunk, id: id, row: row))
    byteCount += row.json.compact.utf8.count
    ids.insert(id)
  }

  /// Enters the candidates in the ledger, each in the row counts of its chunk, and forgets them.
  ///
  /// A row that the server refused may have the same id as the one that it took, and is in the quarantine already.
  ///
  /// - Returns: The ids of the rows that were entered.
  mutating func enter(into ledger: Ledger, table: TableID) throws -> Set<[UInt8]> {
    defer { self = LateQuarantine() }
    guard !candidates.isEmpty else { return [] }
    let refused = try ledger.quarantinedKeys(
      table: table, chunks: Set(candidates.map(\.chunk.number)))
    var entered: Set<[UInt8]> = []
    let rows = candidates.filter { candidate in
      refused[candidate.chunk.number]?.contains(candidate.row.key) != true
        && entered.insert(candidate.id).inserted
    }
    if !rows.isEmpty {
      try ledger.moveToQuarantine(rows.map { ($0.chunk, $0.row) }, table: table)
    }
    return entered
  }
}

extension Ledger {
  /// Returns the keys of rows that are in quarantine, by the numbers of their chunks.
  fileprivate func quarantinedKeys(
    table: TableID, chunks: Set<Int>
  ) throws -> [Int: Set<JSONValue>] {
    let found = try connection.query(
      "SELECT chunk, key::text FROM \(names.quarantine) WHERE table_id = $1 AND chunk = ANY ($2)",
      [table, chunks.sorted()])
    var keys: [Int: Set<JSONValue>] = [:]
    for row in found.rows { keys[row.number(0), default: []].insert(try row.json(1)) }
    return keys
  }

  /// Quarantines rows that chunks have loaded, and changes the row counts of these chunks.
  fileprivate func moveToQuarantine(_ rows: [(Chunk, QuarantinedRow)], table: TableID) throws {
    let entries = rows.map { chunk, row -> JSONValue in
      ["feed": .int(chunk.feed), "chunk": .int(chunk.number), "entry": row.json]
    }
    try connection.query(
      """
      WITH entered AS (
        INSERT INTO \(names.quarantine)
          (table_id, feed, chunk, key, row, code, reason, column_name, value, hint)
        SELECT $1, e.feed, e.chunk, q.key, q.row, q.code, q.reason, q.column_name, q.value, q.hint
        FROM jsonb_to_recordset($2) AS e(feed integer, chunk integer, entry jsonb)
        CROSS JOIN LATERAL jsonb_to_record(e.entry) AS q(key jsonb, row jsonb, code text, reason text,
          column_name text, value text, hint text)
        RETURNING chunk)
      UPDATE \(names.chunk) c
      SET rows_loaded = c.rows_loaded - s.rows, rows_quarantined = c.rows_quarantined + s.rows
      FROM (SELECT chunk, count(*) AS rows FROM entered GROUP BY chunk) s
      WHERE c.table_id = $1 AND c.number = s.chunk
      """, [table, JSONValue.array(entries).jsonb])
  }
}
