import Postgres

/// Compares rows that the rules have made with the rows of the target, on the target's server.
///
/// What should be there is put into a temporary table beside the live one, so that the server
/// compares values by its own text of them: scale, order, blanks and Unicode forms all count, and
/// JSON counts by value. Nothing but that temporary table is written.
final class RecordComparison {
  let connection: Connection
  let scope: ValidationScope
  let table: PostgresTable
  private let tableNumber: Int
  let columns: [String]
  /// Whether equal rows become one: an orphan is then told by its own columns.
  private let isMerged: Bool
  let temporary: String
  /// Whether a row's hash stands beside it.
  private let keepsFingerprints: Bool
  /// Columns that were left to be proved after the load, with what they refer to.
  private let deferred: [DeferredReference]
  private let buffer = CopyBuffer()
  private var copy: CopyIn?
  private(set) var rows = 0

  static let keyColumn = "migrate source key"
  static let fingerprintColumn = "migrate fingerprint"

  /// - Parameter purpose: tells the temporary tables of one table's comparisons apart.
  init(
    _ scope: ValidationScope, _ connection: Connection, table: PostgresTable, number: Int,
    columns: [String], deferred: [DeferredReference] = [], isMerged: Bool = false,
    keepsFingerprints: Bool = false, purpose: String
  ) throws {
    (self.scope, self.connection, self.table) = (scope, connection, table)
    (tableNumber, self.columns, self.deferred) = (number, columns, deferred)
    (self.isMerged, self.keepsFingerprints) = (isMerged, keepsFingerprints)
    temporary = "pg_temp." + (try SQL.identifier("migrate_" + purpose))
    let list =
      (keepsFingerprints
        ? "NULL::bytea AS \(try SQL.identifier(Self.fingerprintColumn)), " : "")
      + (try SQL.identifiers(columns))
    try connection.execute("DROP TABLE IF EXISTS \(temporary)")
    try connection.execute(
      """
      CREATE TEMPORARY TABLE \(try SQL.identifier("migrate_" + purpose)) AS
      SELECT NULL::jsonb AS \(try SQL.identifier(Self.keyColumn)), 0 AS feed, \(list)
      FROM \(try SQL.identifier(schema: table.schema, table.name)) WITH NO DATA
      """)
  }

  /// The primary key, where the rules write all of it.
  var key: [String] { table.primaryKey.allSatisfy(columns.contains) ? table.primaryKey : [] }

  /// Takes a row that the machine has made, with the key of its source row.
  func take(
    _ row: UnsafeRawBufferPointer, key: JSONValue, feed: Int, _ fingerprint: Fingerprint = .zero
  ) throws {
    if copy == nil {
      copy = try connection.copyIn("COPY \(temporary) FROM STDIN (FORMAT binary)")
      buffer.removeAll()
      buffer.appendBinaryHeader()
    }
    let writer = BinaryRowWriter(buffer)
    writer.beginRow(fieldCount: columns.count + (keepsFingerprints ? 3 : 2))
    var text = EscapedText.encode(key).compact
    text.withUTF8 { writer.jsonb(UnsafeRawBufferPointer($0)) }
    writer.int4(Int32(feed))
    if keepsFingerprints { fingerprint.bytes.withUnsafeBytes { writer.bytes($0) } }
    buffer.append(UnsafeRawBufferPointer(rebasing: row.dropFirst(2)))
    rows += 1
    try copy?.sendIfFull(buffer)
  }

  /// Ends the sending, so that the questions can be asked.
  func close() throws {
    guard let copy else { return }
    buffer.appendBinaryTrailer()
    try copy.send(buffer)
    guard try copy.finish() == rows else {
      throw MigrationError(.coded(.corruption), "the server did not take all rows to compare")
    }
    self.copy = nil
    try connection.execute("ANALYZE \(temporary)")
  }

  /// Forgets all rows, so that others can be sent.
  func clear() throws {
    rows = 0
    try connection.execute("TRUNCATE \(temporary)")
  }

  var name: String { get throws { try SQL.identifier(schema: table.schema, table.name) } }
  var sourceKey: String { get throws { "s." + (try SQL.identifier(Self.keyColumn)) } }

  /// A row's key in the target, as it should be, and in the source.
  private var bothKeys: String {
    get throws {
      let parts = try key.map { "s." + (try SQL.identifier($0)) }
      let target = (parts + ["'from'"]).joined(separator: ", ")
      return key.isEmpty
        ? "\(try sourceKey)::text" : "concat_ws(' ', \(target), \(try sourceKey)::text)"
    }
  }

  var join: String {
    get throws {
      guard !key.isEmpty else { return "\(try rowText("t")) = \(try rowText("s"))" }
      return try key.map { column in
        let column = try SQL.identifier(column)
        return "t.\(column) = s.\(column)"
      }.joined(separator: " AND ")
    }
  }

  private func rowText(_ alias: String) throws -> String {
    let list = try columns.map { "\(alias).\(try SQL.identifier($0))" }.joined(separator: ", ")
    return "ROW(\(list))::text"
  }

  /// Whether the books say why a row did not get to the target.
  var isExplained: String {
    get throws {
      let names = scope.ledger.names
      let of = "q.table_id = \(tableNumber) AND q.status NOT IN ('retried', 'corrupted')"
      if isMerged {
        let pair = try columns.map { "\(SQL.literal($0)), s.\(try SQL.identifier($0))" }
        return "EXISTS (SELECT FROM \(names.quarantine) q WHERE \(of) "
          + "AND q.key = jsonb_build_object(\(pair.joined(separator: ", "))))"
      }
      return """
        EXISTS (SELECT FROM \(names.quarantine) q WHERE \(of)
          AND q.feed = s.feed AND q.key = \(try sourceKey))
        OR EXISTS (SELECT FROM \(names.merged) m WHERE m.table_id = \(tableNumber)
          AND m.feed = s.feed AND m.key = \(try sourceKey))
        """
    }
  }

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
    try found(
      """
      FROM \(temporary) s JOIN \(scope.ledger.names.quarantine) q
        ON q.table_id = \(tableNumber) AND q.feed = s.feed AND q.key = \(try sourceKey)
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
  static func invented(_ feeds: [RecordComparison]) throws -> (count: Int, examples: [String]) {
    guard let first = feeds.first else { return (0, []) }
    let unknown = try feeds.map {
      "NOT EXISTS (SELECT FROM \($0.temporary) s WHERE \(try $0.join))"
    }
    return try first.found(
      "FROM \(try first.name) t WHERE \(unknown.joined(separator: " AND "))",
      showing: try first.scope.keyText(first.table))
  }

  /// Takes the temporary table away.
  func drop() { _ = try? connection.execute("DROP TABLE IF EXISTS \(temporary)") }

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
      let name = try SQL.identifier(column)
      return "(\(SQL.literal(column)), s.\(name)::text, t.\(name)::text)"
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
