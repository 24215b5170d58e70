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
  let tableNumber: Int
  let columns: [String]
  /// Whether equal rows become one: an orphan is then told by its own columns.
  private let isMerged: Bool
  let temporary: String
  /// Whether a row's hash stands beside it.
  private let keepsFingerprints: Bool
  /// Columns that were left to be proved after the load, with what they refer to.
  let deferred: [DeferredReference]
  /// Whether rows are paired with the quarantine by what they are, and not by their keys.
  var pairsRows = false
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
  var bothKeys: String {
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

  func rowText(_ alias: String) throws -> String {
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
      if pairsRows { return "\(try sourceKey) ? '\(Self.explainedMember)'" }
      return """
        EXISTS (SELECT FROM \(names.quarantine) q WHERE \(of)
          AND q.feed = s.feed AND q.key = \(try sourceKey))
        OR EXISTS (SELECT FROM \(names.merged) m WHERE m.table_id = \(tableNumber)
          AND m.feed = s.feed AND m.key = \(try sourceKey))
        """
    }
  }

  /// Takes the temporary table away.
  func drop() { _ = try? connection.execute("DROP TABLE IF EXISTS \(temporary)") }
}
