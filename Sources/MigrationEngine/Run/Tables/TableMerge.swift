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

  /// What a merge came to, and the highest number in the quarantine before.
  typealias Outcome = (totals: MergeTotals, lastQuarantined: Int)

  /// Merges the rows; returns nil if an earlier run has done so.
  func run() throws -> Outcome? {
    let isOwn = try ledger.connection.transactionState() == .idle
    return try ledger.connection.rollingBackFailures(if: isOwn) { try run(isOwn: isOwn) }
  }

  /// - Parameter isOwn: whether the transaction is begun and ended here.
  private func run(isOwn: Bool) throws -> Outcome? {
    let target = ledger.connection
    guard let grouped = try groupAtOnce(isOwn: isOwn) ?? groupStepByStep(isOwn: isOwn) else {
      return nil
    }
    try load(grouped.parts, grouped.totals)
    var pipeline = Pipeline()
    try recordFingerprints(in: &pipeline)
    ledger.recordMerge(grouped.totals, table: work.id, in: &pipeline)
    pipeline.query("DROP TABLE \(Self.groups)")
    pipeline.query("DROP TABLE \(try staging.name.quoted())")
    if isOwn { pipeline.commit() }
    try target.run(pipeline)
    return (grouped.totals, grouped.lastQuarantined)
  }

  /// Equal rows as one line each, and what was there before.
  private typealias Grouped = (parts: Parts, totals: MergeTotals, lastQuarantined: Int)

  /// Groups the rows of a table that was empty when this run began it, in one round trip.
  ///
  /// - Returns: nil if they have to be grouped step by step; then no transaction is open.
  private func groupAtOnce(isOwn: Bool) throws -> Grouped? {
    guard isOwn, work.wasEmpty else { return nil }
    let target = ledger.connection
    let parts = parts(targetHasRows: false)
    var pipeline = Pipeline()
    pipeline.begin()
    pipeline.require(staging.isOwn)
    pipeline.require("NOT EXISTS (SELECT FROM \(try work.target.ownRows()))")
    let last = ledger.lastQuarantined(in: &pipeline)
    let questions = try group(parts, in: &pipeline)
    let results: Pipeline.Results
    do throws(PostgresError) { results = try target.run(pipeline) } catch {
      guard error.kind == .server, target.isUsable else { throw error }
      try target.rollback()
      return nil
    }
    return (parts, try totals(results, questions), results[last].int(0, 0) ?? 0)
  }

  private func groupStepByStep(isOwn: Bool) throws -> Grouped? {
    let (isThere, parts, lastQuarantined) = try begin(isOwn: isOwn)
    guard isThere else {
      try requireEarlier()
      if isOwn { try ledger.connection.rollback() }
      return nil
    }
    var pipeline = Pipeline()
    let questions = try group(parts, in: &pipeline)
    let results = try ledger.connection.run(pipeline)
    return (parts, try totals(results, questions), lastQuarantined)
  }

  private func parts(targetHasRows: Bool) -> Parts {
    let feed = work.feeds.first
    return Parts(
      columns: feed?.program.targetColumns ?? [], ends: feed?.program.deferredReferences ?? [],
      targetHasRows: targetHasRows)
  }

  /// Looks whether there is something to merge, and into what.
  private func begin(isOwn: Bool) throws -> (isThere: Bool, Parts, lastQuarantined: Int) {
    var pipeline = Pipeline()
    if isOwn { pipeline.begin() }
    let own = staging.asking(in: &pipeline)
    let filled = pipeline.query("SELECT EXISTS (SELECT FROM \(try work.target.ownRows()))")
    let last = ledger.lastQuarantined(in: &pipeline)
    let results = try ledger.connection.run(pipeline)
    let parts = parts(targetHasRows: results[filled].bool(0, 0) ?? true)
    return (try staging.exists(results[own]), parts, results[last].int(0, 0) ?? 0)
  }

  private func requireEarlier() throws {
    guard try ledger.mergeTotals(table: work.id) == nil else { return }
    throw MigrationError(
      .coded(.corruption), "the staging table of \(work.name) does not exist",
      place: try staging.name.quoted(),
      remedy: "the table was dropped by another program; start over: migrate run --fresh")
  }

  /// Where a pipeline has the numbers of grouped rows.
  private typealias Questions = (
    counts: Pipeline.Place, staged: Pipeline.Place, sides: Pipeline.Place?
  )

  /// Makes one line of equal rows, and counts them.
  private func group(_ parts: Parts, in pipeline: inout Pipeline) throws -> Questions {
    try makeGroups(parts, in: &pipeline)
    let counts = pipeline.query(
      """
      SELECT coalesce(sum(migrate_copies), 0)::bigint,
        count(*) FILTER (WHERE \(Self.isKept)),
        count(*) FILTER (WHERE migrate_orphan IS NOT NULL),
        count(*) FILTER (WHERE migrate_present) FROM \(Self.groups)
      """)
    let staged = pipeline.query(
      "SELECT coalesce(sum(rows_loaded), 0)::bigint FROM \(ledger.names.chunk) WHERE table_id = $1",
      [work.id])
    return (counts, staged, work.feeds.count > 1 ? countSides(in: &pipeline) : nil)
  }

  private func totals(_ results: Pipeline.Results, _ questions: Questions) throws -> MergeTotals {
    let found = results[questions.counts]
    var totals = MergeTotals()
    totals.rows = found.int(0, 0) ?? 0
    totals.kept = found.int(0, 1) ?? 0
    totals.orphans = found.int(0, 2) ?? 0
    totals.present = found.int(0, 3) ?? 0
    totals.merged = totals.rows - totals.kept - totals.orphans
    try checkStaged(totals, expected: results[questions.staged].int(0, 0) ?? 0)
    if let sides = questions.sides {
      for row in results[sides].rows { totals.oneSided[row.string(0)] = row.number(1) }
    }
    return totals
  }

  private func countSides(in pipeline: inout Pipeline) -> Pipeline.Place {
    let names = ledger.names
    return pipeline.query(
      """
      SELECT f.source, count(*) FROM \(Self.groups) g
      JOIN \(names.chunk) a ON a.table_id = $1 AND a.number = g.migrate_first
      JOIN \(names.chunk) b ON b.table_id = $1 AND b.number = g.migrate_last
      JOIN \(names.feed) f ON f.table_id = $1 AND f.feed = a.feed
      WHERE a.feed = b.feed AND \(Self.isKept) GROUP BY f.source
      """, [work.id])
  }

  static let isKept = "migrate_orphan IS NULL AND NOT migrate_present"

  /// What the chunks say they staged is there.
  private func checkStaged(_ totals: MergeTotals, expected: Int) throws {
    guard expected == totals.rows else {
      throw MigrationError(
        .coded(.corruption),
        "the staging table of \(work.name) has \(CountText.of(totals.rows, "row")) instead of \(GroupedNumber.text(expected))",
        place: try staging.name.quoted(),
        remedy: "the table was changed by another program; start over: migrate run --fresh")
    }
  }

  private func load(_ parts: Parts, _ totals: MergeTotals) throws {
    let list = try SQL.identifiers(parts.columns)
    var pipeline = Pipeline()
    pipeline.query(ledger.markingChunks(of: work.id))
    let loaded = pipeline.queryOnOwnPath(
      """
      INSERT INTO \(try work.name.quoted()) (\(list)) OVERRIDING SYSTEM VALUE
      SELECT \(list) FROM \(Self.groups) WHERE \(Self.isKept)
      """)
    try setOrphansAside(parts, in: &pipeline)
    if totals.present ?? 0 > 0 { try notePresent(parts, in: &pipeline) }
    try settleChunks(in: &pipeline)
    let results = try ledger.connection.run(pipeline)
    try ChunkLoad.check(results[loaded].affectedRows, totals.kept, work.name)
  }

  /// Keeps which rows the target had before: a rollback must not take one for a row that the migration loaded.
  private func notePresent(_ parts: Parts, in pipeline: inout Pipeline) throws {
    pipeline.query(
      """
      INSERT INTO \(ledger.names.mergePresent) (table_id, key)
      SELECT $1, jsonb_build_object(\(try work.target.jsonPairs(parts.columns, "g")))
      FROM \(Self.groups) g WHERE migrate_present
      """, [work.id])
  }

  private func setOrphansAside(_ parts: Parts, in pipeline: inout Pipeline) throws {
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
    pipeline.query(
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
  private func settleChunks(in pipeline: inout Pipeline) throws {
    let chunk = ledger.names.chunk
    pipeline.query(
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
