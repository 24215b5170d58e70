import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

/// Finds the rows that the migration loaded and that others have changed since.
///
/// Such a row has the id of another transaction, as a row that others added does. What tells the
/// two apart is the key: the source is read once more through the rules of the plan, and a row
/// whose key comes out of it, and that was not quarantined, is the migration's. Of a merged table, whose equal rows are
/// no duplicates, the ledger has those that the target had before.
package struct ChangedRows {
  package let request: RollbackRequest
  package let ledger: Ledger
  package let session: Session

  /// The temporary table with the keys of a table's changed rows.
  static func keysName(_ table: TableID) -> String { "pg_temp.migrate_changed_keys_\(table)" }

  /// Whether a trigger wrote the row last, in a transaction of the migration.
  static let touchedColumn = "\"migrate touched\""

  /// What is known of a table's changed rows.
  package enum Finding: Sendable, Hashable {
    ///
    /// - Parameters:
    ///   - changed: rows that others wrote last.
    ///   - touched: rows that a trigger wrote last, in a transaction of the migration.
    case found(changed: Int, touched: Int)
    /// It cannot be determined, and why.
    case unknown(String)
  }

  /// Looks through the source for the rows of some tables, and keeps the keys of those found.
  package func find(in tables: [RollbackTable]) throws -> [TableID: Finding] {
    guard !tables.isEmpty else { return [:] }
    let options = RunOptions(session)
    guard options.rowLimit == nil, options.condition == nil else {
      return unknown(tables, "the session loaded a part of the source (--limit, --where)")
    }
    var reader: any RowReader
    let source: any RowSource
    do {
      source = try request.sourcePlace().source(connectTimeout: request.connectTimeout)
      reader = try source.open(timeout: nil)
    } catch {
      return unknown(tables, "could not read the source: \(Self.text(of: error))")
    }
    defer { source.release() }
    let scope = try scope(tables)
    let lookups = LookupLoading(schema: request.plan.target.schema)
    var findings: [TableID: Finding] = [:]
    for table in tables {
      let layer = RecordsLayer(scope: scope, source: reader, comparer: ledger.connection)
      do {
        findings[table.state.id] = try find(
          table,
          TableRecords(
            layer: layer, table: table.plan, state: table.state, live: table.live,
            lookups: lookups))
      } catch {
        // Rows that can't be compared are kept like unidentified ones, and do not stop the rollback of others.
        guard ledger.connection.isUsable else { throw error }
        findings[table.state.id] = .unknown(
          "could not compare \(table.name) with its source: \(CheckFailure(error).what)")
        reader = try source.open(timeout: nil)
      }
    }
    return findings
  }

  private func unknown(_ tables: [RollbackTable], _ why: String) -> [TableID: Finding] {
    Dictionary(uniqueKeysWithValues: tables.map { ($0.state.id, .unknown(why)) })
  }

  private func find(_ table: RollbackTable, _ records: TableRecords) throws -> Finding {
    if let totals = try ledger.mergeTotals(table: table.state.id), totals.present == nil,
      totals.merged > 0
    {
      return .unknown(
        "an older version merged \(table.name) without recording earlier rows")
    }
    let reads = try table.plan.feeds.enumerated().map { number, feed in
      try FeedRecords(records: records, feed: feed, number: number)
    }
    defer { for read in reads { read.drop() } }
    for read in reads { try read.send([.all]) }
    let selects = try reads.compactMap {
      try $0.expected.keysBrought(
        meeting: table.rows.foreign("t"),
        with: "\(table.rows.touched("t")) AS \(Self.touchedColumn)")
    }
    guard selects.count == reads.count, !selects.isEmpty else {
      return .unknown("the plan does not write the primary key of \(table.name)")
    }
    let keys = Self.keysName(table.state.id)
    try ledger.connection.execute("DROP TABLE IF EXISTS \(keys)")
    try ledger.connection.execute(
      "CREATE TEMP TABLE \(keys.replacing("pg_temp.", with: "")) AS "
        + selects.joined(separator: " UNION "))
    let counts = try ledger.connection.query(
      "SELECT count(*), count(*) FILTER (WHERE \(Self.touchedColumn)) FROM \(keys)")
    let (all, touched) = (counts.int(0, 0) ?? 0, counts.int(0, 1) ?? 0)
    return .found(changed: all - touched, touched: touched)
  }

  /// What the reading of records asks of a validation.
  private func scope(_ tables: [RollbackTable]) throws -> ValidationScope {
    var wanted = ValidationRequest(plan: request.plan)
    wanted.samples = nil
    return ValidationScope(
      request: wanted, target: ledger.connection, ledger: ledger, session: session,
      states: tables.map(\.state), sheets: [],
      live: Dictionary(
        tables.map { ($0.live.name, $0.live) }, uniquingKeysWith: { first, _ in first }))
  }

  private static func text(of error: any Error) -> String {
    (error as? MigrationError)?.what ?? "\(error)"
  }
}

extension RollbackTable {
  /// Finds the places of the changed rows that go, as they are now, in a transaction that holds the table.
  func placeChanged(_ connection: Connection) throws {
    let keys = ChangedRows.keysName(state.id)
    try connection.execute(
      """
      CREATE TEMP TABLE \(changedName.replacing("pg_temp.", with: "")) ON COMMIT DROP AS
      SELECT t.tableoid AS relation, t.ctid AS place
      FROM \(keys) k JOIN \(try live.ownRows()) t ON \(try joinsKeys)
      WHERE (\(rows.ofOthers("t")) OR \(rows.touched("t")))
        AND (\(takesOthers) OR k.\(ChangedRows.touchedColumn))
      """)
  }
}
