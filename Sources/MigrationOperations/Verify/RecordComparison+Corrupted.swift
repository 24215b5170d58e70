import Postgres

extension RecordComparison {
  /// Collects the rows that are not in the target as the rules make them: changed, or gone.
  ///
  /// - Parameters:
  ///   - collection: a temporary table, as `CorruptedRows` makes it.
  ///   - chunk: the chunk whose rows were sent; nil if they are of several.
  ///   - condition: on rows `t` that are collected too, although their values are as they were sent.
  func collectCorrupted(
    into collection: String, chunk: Int?, and condition: String = "false"
  ) throws {
    let values = try columns.map { column in
      "(\(SQL.literal(column)), \(try table.text(of: column, "s")), \(try table.text(of: column, "t")))"
    }
    let fingerprint = "s." + (try SQL.identifier(Self.fingerprintColumn))
    try connection.query(
      """
      INSERT INTO \(collection)
        (feed, chunk, key, shown, columns, fingerprint, found, relation, place)
      SELECT \(try feedNumber), $1, \(try sourceKey), \(try table.keyText("s")), d.columns, \(fingerprint),
        CASE WHEN t.tableoid IS NOT NULL THEN \(try table.rowJSON("t")) END, t.tableoid, t.ctid
      FROM \(temporary) s LEFT JOIN \(try name) t ON \(try join)
      CROSS JOIN LATERAL (
        SELECT string_agg(d.name, ', ') AS columns
        FROM (VALUES \(values.joined(separator: ", "))) d(name, expected, found)
        WHERE d.expected IS DISTINCT FROM d.found\(try deferredNulls)) d
      WHERE \(try isUnexplained) AND (t.tableoid IS NULL OR d.columns IS NOT NULL OR \(condition))
      ON CONFLICT DO NOTHING
      """, [chunk])
  }
}
