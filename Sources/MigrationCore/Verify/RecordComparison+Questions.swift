import Postgres

/// What is asked of the rows that were sent.
extension RecordComparison {
  /// Rows that ought to be in the target and are not.
  func missing() throws -> (count: Int, examples: [String]) {
    try found(
      """
      FROM \(temporary) s
      WHERE NOT EXISTS (SELECT FROM \(try name) t WHERE \(try join)) AND NOT (\(try isExplained))
      """, showing: try bothKeys)
  }

  /// Rows that were set aside for good and stand in the target all the same.
  func asideAndLoaded() throws -> (count: Int, examples: [String]) {
    let isSame =
      pairsRows
      ? "q.id = (\(try sourceKey) ->> '\(Self.explainedMember)')::bigint"
      : "q.key = \(try sourceKey)"
    return try found(
      """
      FROM \(temporary) s JOIN \(scope.ledger.names.quarantine) q
        ON q.table_id = \(tableNumber) AND q.feed = s.feed AND \(isSame)
      JOIN \(try name) t ON \(try join)
      WHERE q.status = 'open' AND \(try rowText("s")) = \(try rowText("t"))
        AND q.winner IS NULL
      """, showing: try bothKeys)
  }

  /// Rows that are in the target by their key.
  func present() throws -> (count: Int, examples: [String]) {
    try found(
      "FROM \(temporary) s JOIN \(try name) t ON \(try join)", showing: try bothKeys)
  }

  /// Selects the keys of the target's rows that were brought from here and meet a condition on `t`;
  /// nil where the rules do not write the key.
  func keysBrought(meeting condition: String) throws -> String? {
    guard !key.isEmpty else { return nil }
    let list = try key.map { "t." + (try SQL.identifier($0)) }.joined(separator: ", ")
    return """
      SELECT DISTINCT \(list) FROM \(temporary) s JOIN \(try name) t ON \(try join)
      WHERE \(condition) AND NOT (\(try isExplained))
      """
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

  /// Fields that differ, up to a number of them, and how many rows were compared.
  func mismatches(limit: Int) throws -> (compared: Int, different: Int, shown: [FieldMismatch]) {
    guard !key.isEmpty else { return (rows, 0, []) }
    let pairs =
      "FROM \(temporary) s JOIN \(try name) t ON \(try join) WHERE NOT (\(try isExplained))"
    let compared = try connection.query("SELECT count(*) \(pairs)").int(0, 0) ?? 0
    let values = try columns.map { column in
      "(\(SQL.literal(column)), \(try table.text(of: column, "s")), \(try table.text(of: column, "t")))"
    }
    let differing =
      """
      FROM (SELECT \(try scope.keyText(table)) AS key, v.*
        FROM \(temporary) s JOIN \(try name) t ON \(try join)
        CROSS JOIN LATERAL (VALUES \(values.joined(separator: ", "))) v(name, expected, found)
        WHERE \(try rowText("s")) <> \(try rowText("t")) AND NOT (\(try isExplained))) d
      WHERE d.expected IS DISTINCT FROM d.found\(try deferredNulls)
      """
    let count = try connection.query("SELECT count(*) \(differing)").int(0, 0) ?? 0
    guard count > 0 else { return (compared, 0, []) }
    let shown = try connection.query(
      "SELECT d.key, d.name, d.expected, d.found \(differing) LIMIT \(limit)")
    return (
      compared, count,
      shown.rows.map { row in
        FieldMismatch(
          table: table.name, key: row.text(0) ?? "", column: row.text(1) ?? "",
          expected: row.text(2), found: row.text(3))
      }
    )
  }

  /// A reference that leads nowhere was made null after the load, as the plan has it.
  var deferredNulls: String {
    get throws {
      try deferred.map { reference in
        let referenced = try SQL.identifier(schema: table.schema, reference.table)
        let column = try SQL.identifier(reference.resultColumn)
        return " AND NOT (d.name = \(SQL.literal(reference.column)) AND d.found IS NULL "
          + "AND NOT EXISTS (SELECT FROM \(referenced) r WHERE r.\(column)::text = d.expected))"
      }.joined()
    }
  }
}
