import MigrationBasics
import MigrationEngine
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// Compares rows that the rules have made with the rows of the target, on the target's server.
///
/// What should be there is put into a temporary table next to the live one, so that the server
/// compares values by its own text of them: scale, order, blanks and Unicode forms all count, and
/// JSON counts by value. Nothing but that temporary table is written.
final class RecordComparison {
  let connection: Connection
  let scope: ValidationScope
  let table: PostgresTable
  let tableNumber: TableID
  let columns: [String]
  /// Whether equal rows become one: an orphan is then identified by its own columns.
  let isMerged: Bool
  let temporary: String
  /// The temporary table of what the ledger has about rows of the feed.
  let known: String
  /// Whether that table is filled.
  var isKnown = false
  /// Whether a row's hash is next to it.
  private let keepsFingerprints: Bool
  /// Columns that were left to be checked after the load, with what they refer to.
  let deferred: [DeferredReference]
  /// Whether rows are paired with the quarantine by what they are, and not by their keys.
  var pairsRows = false
  /// How rows are sent: as the run has sent them.
  private let form: CopyForm
  private let hashed: HashedFields?
  /// Rows that were taken and not sent yet.
  private var waiting: RowStore
  /// The place of the source row that the next rows are made of, once the first of them is taken.
  private var sourceRow: Range<Int>?
  private let buffer = CopyBuffer()
  private(set) var rows = 0
  /// Receives rows that the server refuses, as it did when they were loaded: the source row, which of
  /// its elements, and whether the row before was another element of the same source row.
  var refuse: (UnsafeRawBufferPointer, Int, Bool) -> Void = { _, _, _ in }

  /// What a row's fingerprint is made of if only the server knows how it stores the row.
  struct HashedFields {
    let key: FingerprintKey
    let columns: [HashedColumn]
  }

  // Names that no column of a target has.
  static let keyColumn = "migrate source key"
  private static let feedColumn = "migrate feed"
  static let fingerprintColumn = "migrate fingerprint"
  /// How many bytes of rows are sent together.
  private static let batch = 4 << 20

  /// - Parameters:
  ///   - hashed: what fingerprints are made of when the rows are sent; nil if they come with the
  ///     rows.
  ///   - purpose: distinguishes the temporary tables of one table's comparisons.
  init(
    _ scope: ValidationScope, _ connection: Connection, table: PostgresTable, number: TableID,
    program: RowProgram, isMerged: Bool = false, keepsFingerprints: Bool = false,
    hashed: HashedFields? = nil, purpose: String
  ) throws {
    (self.scope, self.connection, self.table) = (scope, connection, table)
    (tableNumber, columns, deferred) = (number, program.targetColumns, program.deferredReferences)
    (self.isMerged, self.keepsFingerprints, self.hashed) = (isMerged, keepsFingerprints, hashed)
    form = program.copyForm
    waiting = RowStore(form)
    temporary = "pg_temp." + (try SQL.identifier("migrate_" + purpose))
    known = "pg_temp." + (try SQL.identifier("migrate_known_" + purpose))
    let list =
      (keepsFingerprints
        ? "NULL::bytea AS \(try SQL.identifier(Self.fingerprintColumn)), " : "")
      + (try SQL.identifiers(columns))
    try connection.execute(
      """
      DROP TABLE IF EXISTS \(temporary), \(known);
      CREATE TEMPORARY TABLE \(try SQL.identifier("migrate_known_" + purpose))
        (feed integer, key jsonb, row jsonb, explains boolean, aside boolean);
      CREATE TEMPORARY TABLE \(try SQL.identifier("migrate_" + purpose)) AS
      SELECT NULL::jsonb AS \(try SQL.identifier(Self.keyColumn)), 0 AS \(try SQL.identifier(Self.feedColumn)), \(list)
      FROM \(try SQL.identifier(schema: table.schema, table.name)) WITH NO DATA
      """)
  }

  /// The primary key, if the rules write all of it.
  var key: [String] { table.primaryKey.allSatisfy(columns.contains) ? table.primaryKey : [] }

  /// Says that the rows to come are made of another source row.
  func beginSourceRow() { sourceRow = nil }

  /// Takes a row that the machine has made, with the key of its source row.
  ///
  /// - Parameters:
  ///   - row: as the machine sends it.
  ///   - source: the source row, and which of its elements the row is.
  func take(
    _ row: UnsafeRawBufferPointer, of source: (row: UnsafeRawBufferPointer, element: Int),
    key: JSONValue, feed: Int, _ fingerprint: Fingerprint = .zero
  ) throws {
    var fields: [CopyForm.Field] = [
      .json(EscapedText.encode(key, for: scope.ledger.encoding).compact), .number(feed),
    ]
    if keepsFingerprints { fields.append(.bytes(fingerprint.bytes)) }
    buffer.removeAll()
    form.append(row, behind: fields, to: buffer)
    waiting.add(
      source.row, element: source.element, encoded: buffer, fingerprint, kept: &sourceRow)
    if waiting.byteCount >= Self.batch { try send() }
  }

  /// Sends what waits; rows that the server rejects are omitted and reported.
  private func send() throws {
    guard waiting.count > 0 else { return }
    let statement = "COPY \(temporary) FROM STDIN \(form.option)"
    let (store, connection) = (waiting, connection)
    let refused = try PatientCopy(target: connection) { range throws(PostgresError) in
      try store.send([range], statement, connection)
    }.run(store.count)
    var last: Int?
    for row in refused.keys.sorted() {
      let isOfLast = store.areOfOneSource(row, last)
      store.withSourceRow(row) { source, element, _ in refuse(source, element, isOfLast) }
      last = row
    }
    rows += store.count - refused.count
    (waiting, sourceRow) = (RowStore(form), nil)
  }

  /// Ends the sending, so that the questions can be asked.
  func close() throws {
    try send()
    guard rows > 0 else { return }
    if let hashed { try hash(hashed) }
    try connection.execute("ANALYZE \(temporary)")
  }

  /// Forgets all rows, so that others can be sent.
  func clear() throws {
    rows = 0
    (waiting, sourceRow) = (RowStore(form), nil)
    try connection.execute("TRUNCATE \(temporary)")
  }

  var name: String { get throws { try table.ownRows() } }
  /// The type of the table's rows.
  var typeName: String { get throws { try SQL.identifier(schema: table.schema, table.name) } }
  var sourceKey: String { get throws { "s." + (try SQL.identifier(Self.keyColumn)) } }

  var feedNumber: String { get throws { "s." + (try SQL.identifier(Self.feedColumn)) } }

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

  /// The condition that the row counts do not say why a row did not get to the target; see `learn`.
  var isUnexplained: String {
    get throws {
      if pairsRows { return "NOT \(try sourceKey) ? '\(Self.explainedMember)'" }
      guard isMerged else {
        return "NOT EXISTS (SELECT FROM \(known) x WHERE x.explains AND x.feed = \(try feedNumber) "
          + "AND x.key = \(try sourceKey))"
      }
      return "NOT EXISTS (SELECT FROM \(known) x WHERE x.explains "
        + "AND x.aside IS NOT NULL AND x.key = jsonb_build_object(\(try table.jsonPairs(columns, "s"))))"
    }
  }

  /// Takes the temporary tables away.
  func drop() { _ = try? connection.execute("DROP TABLE IF EXISTS \(temporary), \(known)") }
}
