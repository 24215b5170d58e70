import MigrationBasics
import MigrationLedger
import Postgres

/// What is asked of the rows that were sent.
extension RecordComparison {
  /// How the rows that were sent are in the target, without those whose absence the row counts explain.
  struct Tally: Sendable, Hashable {
    var compared = 0
    var different = 0
    var missing = 0
  }

  /// Looks each row up once, which is all there is to do if everything is right.
  func tally() throws -> Tally {
    guard !key.isEmpty else {
      let missing = try connection.query("SELECT count(*) \(try missingRows)").int(0, 0) ?? 0
      return Tally(compared: rows, missing: missing)
    }
    let found = try connection.query(
      """
      SELECT count(*) FILTER (WHERE t.tableoid IS NOT NULL),
        count(*) FILTER (WHERE t.tableoid IS NOT NULL
          AND \(try rowText("s")) <> \(try rowText("t"))),
        count(*) FILTER (WHERE t.tableoid IS NULL)
      FROM \(temporary) s LEFT JOIN \(try name) t ON \(try join) WHERE \(try isUnexplained)
      """)
    return Tally(
      compared: found.int(0, 0) ?? 0, different: found.int(0, 1) ?? 0,
      missing: found.int(0, 2) ?? 0)
  }

  private var missingRows: String {
    get throws {
      """
      FROM \(temporary) s
      WHERE NOT EXISTS (SELECT FROM \(try name) t WHERE \(try join)) AND \(try isUnexplained)
      """
    }
  }

  /// Rows that ought to be in the target and are not.
  func missing(_ tally: Tally) throws -> (count: Int, examples: [String]) {
    guard tally.missing > 0 else { return (0, []) }
    let shown = try connection.query("SELECT \(try bothKeys) \(try missingRows) LIMIT 5")
    return (tally.missing, shown.rows.compactMap { $0.text(0) })
  }

  /// Rows that were quarantined for good and are in the target all the same.
  func asideAndLoaded() throws -> (count: Int, examples: [String]) {
    if pairsRows {
      return try found(
        """
        FROM \(temporary) s JOIN \(scope.ledger.names.quarantine) q
          ON q.id = (\(try sourceKey) ->> '\(Self.explainedMember)')::bigint
        JOIN \(try name) t ON \(try join)
        WHERE \(Self.isAside) AND \(try rowText("s")) = \(try rowText("t"))
        """, showing: try bothKeys)
    }
    return try found(
      """
      FROM \(temporary) s JOIN \(known) x
        ON x.aside AND x.feed = \(try feedNumber) AND x.key = \(try sourceKey)
      JOIN \(try name) t ON \(try join)
      WHERE \(try rowText("s")) = \(try rowText("t"))
      """, showing: try bothKeys)
  }

  /// Collects what the ledger has about rows of a feed, once for all questions.
  ///
  /// The ledger's tables may never have been analyzed, and the server then compares each row with each
  /// entry. A temporary table can be analyzed by its owner.
  ///
  /// - Parameter rows: whether the entries' rows are needed too, for rows without a unique key.
  func learn(feed: Int, rows: Bool) throws {
    guard !isKnown else { return }
    let names = scope.ledger.names
    // An orphan of a merged table is identified by its own columns, whatever feed it came by.
    let ofFeed = isMerged ? "" : " AND feed = \(feed)"
    try connection.execute(
      """
      INSERT INTO \(known)
      SELECT q.feed, q.key, \(rows ? "q.row" : "NULL::jsonb"), q.status NOT IN ('retried', 'corrupted'),
        \(Self.isAside)
      FROM \(names.quarantine) q WHERE q.table_id = \(tableNumber)\(ofFeed)
      UNION ALL
      SELECT m.feed, m.key, NULL::jsonb, true, NULL::boolean
      FROM \(names.merged) m WHERE m.table_id = \(tableNumber)\(ofFeed);
      ANALYZE \(known)
      """)
    isKnown = true
  }

  /// The keys of a feed's rows that a retry loaded.
  func retriedKeys(feed: Int) throws -> Set<JSONValue> {
    let found = try connection.query(
      """
      SELECT DISTINCT key::text FROM \(scope.ledger.names.quarantine)
      WHERE table_id = $1 AND feed = $2 AND status = 'retried'
      """, [tableNumber, feed])
    return Set(try found.rows.map { EscapedText.decode(try $0.json(0)).sortedMembers })
  }

  private static var isAside: String { "q.status = 'open' AND q.winner IS NULL" }

  /// Of keys, and of rows if those are given, the ones that the quarantine does not have.
  ///
  /// - Parameter items: objects with a `key`, and with a `row` if the key is not unique.
  func unquarantined(
    _ items: [JSONValue], feed: Int, withRows: Bool
  ) throws -> (count: Int, examples: [String]) {
    var missing: (count: Int, examples: [String]) = (0, [])
    var list = JSONList()
    for (place, item) in items.enumerated() {
      list.append(item)
      guard list.isFull || place == items.count - 1 else { continue }
      let found = try unquarantined(list.take(), feed: feed, withRows: withRows)
      missing = (missing.count + found.count, missing.examples + found.examples)
    }
    return (missing.count, Array(missing.examples.prefix(5)))
  }

  private func unquarantined(
    _ items: Parameter, feed: Int, withRows: Bool
  ) throws -> (count: Int, examples: [String]) {
    let byRow =
      withRows
      ? "AND NOT EXISTS (SELECT FROM \(known) x WHERE x.aside IS NOT NULL AND x.feed = $2 AND x.row = k.item -> 'row')"
      : ""
    let found = try connection.query(
      """
      SELECT coalesce(nullif(k.item -> 'key', 'null'), k.item -> 'row')::text, count(*) OVER ()
      FROM jsonb_array_elements($1) AS k(item)
      WHERE NOT EXISTS (SELECT FROM \(known) x
        WHERE x.aside IS NOT NULL AND x.feed = $2 AND x.key = k.item -> 'key') \(byRow)
      LIMIT 5
      """, [items, feed])
    return (found.rows.first?.int(1) ?? 0, found.rows.compactMap { $0.text(0) })
  }

  /// Rows that are in the target by their key.
  func present() throws -> (count: Int, examples: [String]) {
    try found(
      "FROM \(temporary) s JOIN \(try name) t ON \(try join)", showing: try bothKeys)
  }

  /// Selects the keys of the target's rows that were loaded from here and meet a condition on `t`;
  /// nil if the rules do not write the key.
  ///
  /// - Parameter mark: one more output of the query.
  func keysBrought(meeting condition: String, with mark: String) throws -> String? {
    guard !key.isEmpty else { return nil }
    let list = try key.map { "t." + (try SQL.identifier($0)) }.joined(separator: ", ")
    return """
      SELECT DISTINCT \(list), \(mark) FROM \(temporary) s JOIN \(try name) t ON \(try join)
      WHERE \(condition) AND \(try isUnexplained)\(try wasAbsent)
      """
  }

  /// The condition that the target did not have a row of a merged table before.
  private var wasAbsent: String {
    get throws {
      guard isMerged else { return "" }
      let same = try key.map { column in
        let column = try SQL.identifier(column)
        return "b.\(column) = t.\(column)"
      }
      return """
         AND NOT EXISTS (
          SELECT FROM (SELECT r.* FROM \(scope.ledger.names.mergePresent) p
            CROSS JOIN LATERAL jsonb_populate_record(NULL::\(try typeName), p.key) r
            WHERE p.table_id = \(tableNumber)) b
          WHERE \(same.joined(separator: " AND ")))
        """
    }
  }

  /// Rows of the target that no source row makes; only to be asked when all rows of all feeds were sent.
  ///
  /// - Parameter condition: which of them, as a condition on `t`.
  static func invented(
    _ feeds: [RecordComparison], where condition: String
  ) throws -> (count: Int, examples: [String]) {
    guard let first = feeds.first else { return (0, []) }
    let unknown = try feeds.map {
      "NOT EXISTS (SELECT FROM \($0.temporary) s WHERE \(try $0.join))"
    }
    return try first.found(
      "FROM \(try first.name) t WHERE \((unknown + [condition]).joined(separator: " AND "))",
      showing: try first.scope.keyText(first.table))
  }

  private func found(
    _ rows: String, showing text: String
  ) throws -> (count: Int, examples: [String]) {
    let count = try connection.query("SELECT count(*) \(rows)").int(0, 0) ?? 0
    guard count > 0 else { return (0, []) }
    let shown = try connection.query("SELECT \(text) \(rows) LIMIT 5")
    return (count, shown.rows.compactMap { $0.text(0) })
  }

  /// Fields that differ, up to a number of them.
  func mismatches(_ tally: Tally, limit: Int) throws -> (count: Int, shown: [FieldMismatch]) {
    guard tally.different > 0 else { return (0, []) }
    let values = try columns.map { column in
      "(\(SQL.literal(column)), \(try table.text(of: column, "s")), \(try table.text(of: column, "t")))"
    }
    let differing =
      """
      FROM (SELECT \(try scope.keyText(table)) AS key, v.*
        FROM \(temporary) s JOIN \(try name) t ON \(try join)
        CROSS JOIN LATERAL (VALUES \(values.joined(separator: ", "))) v(name, expected, found)
        WHERE \(try rowText("s")) <> \(try rowText("t")) AND \(try isUnexplained)) d
      WHERE d.expected COLLATE "C" IS DISTINCT FROM d.found COLLATE "C"\(try deferredNulls)
      """
    let count = try connection.query("SELECT count(*) \(differing)").int(0, 0) ?? 0
    guard count > 0 else { return (0, []) }
    let shown = try connection.query(
      "SELECT d.key, d.name, d.expected, d.found \(differing) LIMIT \(limit)")
    return (
      count,
      shown.rows.map { row in
        FieldMismatch(
          table: table.name, key: row.text(0) ?? "", column: row.text(1) ?? "",
          expected: row.text(2), found: row.text(3))
      }
    )
  }

  /// A reference that matches no row was made null after the load, as the plan has it.
  var deferredNulls: String {
    get throws {
      try deferred.map { reference in
        let referenced = try SQL.identifier(schema: table.schema, reference.table)
        let column = try SQL.identifier(reference.resultColumn)
        return " AND NOT (d.name = \(SQL.literal(reference.column)) AND d.found IS NULL "
          + "AND NOT EXISTS (SELECT FROM \(referenced) r WHERE r.\(column)::text COLLATE \"C\" = d.expected COLLATE \"C\"))"
      }.joined()
    }
  }
}
