import MigrationBasics
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
  /// Returns which columns the rows of each feed are hashed of; none in sessions without fingerprints.
  package func fingerprintColumns(table: TableID) throws -> [Int: [HashedColumn]] {
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
  package func fingerprints(table: TableID) throws -> ExpectedFingerprints {
    var book = ExpectedFingerprints()
    for (feed, columns) in try fingerprintColumns(table: table).sorted(by: { $0.key < $1.key }) {
      book.addFeed(feed, columns)
    }
    for row in try transactions(table) {
      let sum = row.bytes(.fingerprint).flatMap { Fingerprint($0) }.map {
        FingerprintSum(rows: row.number(.rows), $0)
      }
      book.add(
        ExpectedFingerprints.Entry(
          xid: row.number(.xid), chunk: row.int(.chunk), kind: row.text(.kind),
          feed: row.int(.feed), sum: sum,
          commands: try ExpectedFingerprints.commands(row.json(.commands))))
    }
    return book
  }

  enum TransactionColumn: String, ColumnList {
    case xid
    case chunk = "number"
    case kind, feed, fingerprint
    case rows = "fingerprint_rows"
    case commands
  }

  private func transactions(_ table: TableID) throws -> [ColumnRow<TransactionColumn>] {
    try connection.query(
      """
      SELECT \(TransactionColumn.list) FROM (
        SELECT coalesce(xid, 0) AS xid, number, NULL::text AS kind, feed, fingerprint, fingerprint_rows,
          to_jsonb(CASE WHEN command IS NOT NULL THEN ARRAY[command] END) AS commands
        FROM \(names.chunk) WHERE table_id = $1 AND status = 'done'
        UNION ALL
        SELECT xid, NULL, kind, feed, fingerprint, fingerprint_rows, to_jsonb(commands)
        FROM \(names.write) WHERE table_id = $1) t
      ORDER BY number NULLS LAST, xid
      """, [table]
    ).rows(by: TransactionColumn.self)
  }

  /// Changes what the rows of transactions add up to, if a later one takes some of them away.
  package func correct(
    _ changes: [(entry: ExpectedFingerprints.Entry, sum: FingerprintSum)], table: TableID
  ) throws(PostgresError) {
    let (ofChunks, ofWrites) = (
      changes.filter { $0.entry.chunk != nil }, changes.filter { $0.entry.chunk == nil }
    )
    try correct(ofChunks.map { ($0.entry.chunk ?? 0, $0.sum) }, names.chunk, "number", table)
    try correct(ofWrites.map { ($0.entry.xid, $0.sum) }, names.write, "xid", table)
  }

  private func correct(
    _ sums: [(number: Int, sum: FingerprintSum)], _ name: String, _ key: String, _ table: TableID
  ) throws(PostgresError) {
    guard !sums.isEmpty else { return }
    try connection.query(
      """
      UPDATE \(name) c SET fingerprint = decode(s.sum, 'hex'), fingerprint_rows = s.rows
      FROM jsonb_to_recordset($2) AS s(number bigint, rows bigint, sum text)
      WHERE c.table_id = $1 AND c.\(key) = s.number
      """, [table, Self.json(sums)])
  }

  /// Sums by their numbers as a list of objects with `number`, `rows` and `sum`, the latter in hexadecimal.
  package static func json(_ sums: [(number: Int, sum: FingerprintSum)]) -> Parameter {
    let entries = sums.map { number, sum -> JSONValue in
      [
        "number": .int(number), "rows": .int(sum.rows),
        "sum": .text(hexadecimal(sum.fingerprint.bytes)),
      ]
    }
    return JSONValue.array(entries).jsonb
  }
}
