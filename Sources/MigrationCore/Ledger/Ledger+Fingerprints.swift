import Postgres

extension LedgerUpgrades {
  /// The step that keeps what the rows of each transaction add up to.
  static let fingerprints: @Sendable (LedgerNames) -> String = { names in
    """
    ALTER TABLE \(names.session) ADD COLUMN fingerprint_key bytea;
    ALTER TABLE \(names.feed) ADD COLUMN fingerprint_columns jsonb;
    ALTER TABLE \(names.chunk) ADD COLUMN fingerprint_rows bigint;
    ALTER TABLE \(names.write) ADD COLUMN feed integer,
      ADD COLUMN fingerprint bytea CHECK (octet_length(fingerprint) = 16),
      ADD COLUMN fingerprint_rows bigint;
    """
  }
}

extension Ledger {
  /// Notes which columns a feed's rows are hashed of, and in which order.
  func noteFingerprintColumns(_ columns: [HashedColumn], table: Int, feed: Int)
    throws(PostgresError)
  {
    try connection.query(
      "UPDATE \(names.feed) SET fingerprint_columns = $3 WHERE table_id = $1 AND feed = $2",
      [table, feed, JSONValue.array(columns.map(\.json)).jsonb])
  }

  /// Returns which columns the rows of each feed are hashed of; none in sessions without fingerprints.
  func fingerprintColumns(table: Int) throws -> [Int: [HashedColumn]] {
    let feeds = try connection.query(
      """
      SELECT feed, fingerprint_columns::text FROM \(names.feed)
      WHERE table_id = $1 AND fingerprint_columns IS NOT NULL ORDER BY feed
      """, [table])
    var columns: [Int: [HashedColumn]] = [:]
    for row in feeds.rows {
      guard case .array(let names) = try row.json(1) else { continue }
      columns[row.number(0)] = names.compactMap(HashedColumn.init)
    }
    return columns
  }

  /// Returns what the rows of each transaction of a table should add up to.
  func fingerprints(table: Int) throws -> FingerprintBook {
    var book = FingerprintBook()
    for (feed, columns) in try fingerprintColumns(table: table).sorted(by: { $0.key < $1.key }) {
      book.addFeed(feed, columns)
    }
    for row in try transactions(table) {
      let sum = row.bytes(4).flatMap { Fingerprint($0) }.map {
        FingerprintSum(rows: row.number(5), $0)
      }
      book.add(
        FingerprintBook.Entry(
          xid: row.number(0), chunk: row.int(1), kind: row.text(2), feed: row.int(3), sum: sum,
          commands: try FingerprintBook.commands(row.json(6))))
    }
    return book
  }

  private func transactions(_ table: Int) throws -> [QueryResult.Row] {
    let found = try connection.query(
      """
      SELECT coalesce(xid, 0), number, NULL::text, feed, fingerprint, fingerprint_rows,
        to_jsonb(CASE WHEN command IS NOT NULL THEN ARRAY[command] END)::text FROM \(names.chunk)
      WHERE table_id = $1 AND status = 'done'
      UNION ALL
      SELECT xid, NULL, kind, feed, fingerprint, fingerprint_rows, to_jsonb(commands)::text
      FROM \(names.write)
      WHERE table_id = $1 ORDER BY 2 NULLS LAST, 1
      """, [table])
    return Array(found.rows)
  }

  /// Changes what the rows of a transaction add up to, where a later one takes some of them away.
  func correct(_ entry: FingerprintBook.Entry, to sum: FingerprintSum, table: Int) throws {
    let (name, key) =
      entry.chunk.map { (names.chunk, "number = \($0)") }
      ?? (names.write, "xid = \(entry.xid)")
    try connection.query(
      """
      UPDATE \(name) SET fingerprint = $2, fingerprint_rows = $3 WHERE table_id = $1 AND \(key)
      """, [table, sum.fingerprint.bytes, sum.rows])
  }
}
