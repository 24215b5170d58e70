import MigrationBasics
import MigrationLedger
import MigrationRows
import Postgres

/// Loads the rows of a merged table from their staging table into the target, each once.
///
/// Everything is one transaction on the server: rows that are equal become one, those that refer to
/// something that is not there go into quarantine, the chunks' row counts say so, and the staging table
/// goes. A kill leaves all of it undone, and the next run does it again. The program itself holds
/// nothing but the numbers.
struct TableMerge {
  let work: TableWork
  let staging: MergeStaging
  let ledger: Ledger

  /// The rows as they were distinguished: a line for each different one.
  static let groups = "pg_temp.migrate_groups"

  /// Merges the rows; returns nil if an earlier run has done so.
  func run() throws -> MergeTotals? {
    try ledger.atomically {
      guard try staging.exists(ledger.connection) else { return try earlier() }
      let parts = try self.parts()
      try group(parts)
      let totals = try self.totals()
      try checkStaged(totals)
      try load(parts, totals.kept)
      try setOrphansAside(parts)
      if totals.present ?? 0 > 0 { try notePresent(parts) }
      try settleChunks()
      try recordFingerprints()
      try ledger.recordMerge(totals, table: work.id)
      try ledger.connection.execute(
        "DROP TABLE \(Self.groups); DROP TABLE \(try staging.name.quoted())")
      return totals
    }
  }

  private func earlier() throws -> MergeTotals? {
    guard try ledger.mergeTotals(table: work.id) == nil else { return nil }
    throw MigrationError(
      .coded(.corruption), "the staging table of \(work.name) does not exist",
      place: try staging.name.quoted(),
      remedy: "the table was dropped by another program; start over: migrate run --fresh")
  }

  private func totals() throws -> MergeTotals {
    let names = ledger.names
    let found = try ledger.connection.query(
      """
      SELECT coalesce(sum(migrate_copies), 0)::bigint,
        count(*) FILTER (WHERE \(Self.isKept)),
        count(*) FILTER (WHERE migrate_orphan IS NOT NULL),
        count(*) FILTER (WHERE migrate_present) FROM \(Self.groups)
      """)
    var totals = MergeTotals()
    totals.rows = found.int(0, 0) ?? 0
    totals.kept = found.int(0, 1) ?? 0
    totals.orphans = found.int(0, 2) ?? 0
    totals.present = found.int(0, 3) ?? 0
    totals.merged = totals.rows - totals.kept - totals.orphans
    guard work.feeds.count > 1 else { return totals }
    let sides = try ledger.connection.query(
      """
      SELECT f.source, count(*) FROM \(Self.groups) g
      JOIN \(names.chunk) a ON a.table_id = $1 AND a.number = g.migrate_first
      JOIN \(names.chunk) b ON b.table_id = $1 AND b.number = g.migrate_last
      JOIN \(names.feed) f ON f.table_id = $1 AND f.feed = a.feed
      WHERE a.feed = b.feed AND \(Self.isKept) GROUP BY f.source
      """, [work.id])
    for row in sides.rows { totals.oneSided[row.string(0)] = row.number(1) }
    return totals
  }

  static let isKept = "migrate_orphan IS NULL AND NOT migrate_present"

  /// What the chunks say they staged is there.
  private func checkStaged(_ totals: MergeTotals) throws {
    let found = try ledger.connection.query(
      "SELECT coalesce(sum(rows_loaded), 0)::bigint FROM \(ledger.names.chunk) WHERE table_id = $1",
      [work.id])
    let expected = found.int(0, 0) ?? 0
    guard expected == totals.rows else {
      throw MigrationError(
        .coded(.corruption),
        "the staging table of \(work.name) has \(CountText.of(totals.rows, "row")) instead of \(GroupedNumber.text(expected))",
        place: try staging.name.quoted(),
        remedy: "the table was changed by another program; start over: migrate run --fresh")
    }
  }

  private func load(_ parts: Parts, _ expected: Int) throws {
    let list = try SQL.identifiers(parts.columns)
    let loaded = try ledger.connection.executeOnOwnPath(
      """
      INSERT INTO \(try work.name.quoted()) (\(list)) OVERRIDING SYSTEM VALUE
      SELECT \(list) FROM \(Self.groups) WHERE \(Self.isKept)
      """, after: ledger.markingChunks(of: work.id)
    ).affectedRows
    try ChunkLoad.check(loaded, expected, work.name)
  }

  /// Keeps which rows the target had before: a rollback must not take one for a row that the migration loaded.
  private func notePresent(_ parts: Parts) throws {
    try ledger.connection.query(
      """
      INSERT INTO \(ledger.names.mergePresent) (table_id, key)
      SELECT $1, jsonb_build_object(\(try work.target.jsonPairs(parts.columns, "g")))
      FROM \(Self.groups) g WHERE migrate_present
      """, [work.id])
  }

  private func setOrphansAside(_ parts: Parts) throws {
    guard !parts.ends.isEmpty else { return }
    let pairs = try work.target.jsonPairs(parts.columns, "g")
    func pick(_ value: (DeferredReference) throws -> String) rethrows -> String {
      let cases = try parts.ends.enumerated().map {
        "WHEN \($0.offset) THEN \(try value($0.element))"
      }
      return "CASE g.migrate_orphan " + cases.joined(separator: " ") + " END"
    }
    let column = pick { SQL.literal($0.column) }
    let value = try pick { try work.target.text(of: $0.column, "g") }
    let hint = pick { end in
      SQL.literal(
        "\(end.table) has no row with this \(end.resultColumn); load it and retry, "
          + "or correct this row in the source")
    }
    try ledger.connection.query(
      """
      INSERT INTO \(ledger.names.quarantine)
        (table_id, feed, chunk, key, row, code, reason, column_name, value, hint)
      SELECT $1, c.feed, c.number, k.key, k.key || jsonb_build_object('from', f.source), $2, $3,
        \(column), \(value), \(hint)
      FROM \(Self.groups) g
      JOIN \(ledger.names.chunk) c ON c.table_id = $1 AND c.number = g.migrate_first
      JOIN \(ledger.names.feed) f ON f.table_id = $1 AND f.feed = c.feed
      CROSS JOIN LATERAL (SELECT jsonb_build_object(\(pairs)) AS key) k
      WHERE g.migrate_orphan IS NOT NULL ORDER BY c.number, k.key
      """, [work.id, ErrorCode.foreignKey.rawValue, Reason.orphan.name])
  }

  /// Enters the row counts of each chunk. All of them have this transaction's id from now on.
  private func settleChunks() throws {
    let chunk = ledger.names.chunk
    try ledger.connection.query(
      """
      UPDATE \(chunk) c SET rows_loaded = s.kept, rows_quarantined = rows_quarantined + s.orphans,
        rows_merged = rows_merged + rows_loaded - s.kept - s.orphans, xid = txid_current(),
        command = CASE WHEN \(Ledger.hasTriggers("$2")) THEN \(Ledger.command(after: "c")) END
      FROM (
        SELECT c.number, count(g.migrate_first) FILTER (WHERE \(Self.isKept)) AS kept,
          count(g.migrate_first) FILTER (WHERE migrate_orphan IS NOT NULL) AS orphans
        FROM \(chunk) c LEFT JOIN \(Self.groups) g ON g.migrate_first = c.number
        WHERE c.table_id = $1 GROUP BY c.number) s
      WHERE c.table_id = $1 AND c.number = s.number
      """, [work.id, try work.name.quoted()])
  }
}
