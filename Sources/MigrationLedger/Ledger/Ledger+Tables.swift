import MigrationBasics
import MigrationPlan
import Postgres

/// How far a table of a session is.
package struct TableState: Sendable, Hashable {
  package enum Status: String, Sendable, CaseIterable {
    case pending
    /// Its chunks are being loaded.
    case running
    /// All its chunks are done; indexes or constraints may still be suspended.
    case loaded
    /// What was suspended is being built.
    case restoring
    case done
  }

  package let id: TableID
  package let name: String
  /// Its place in the order of loading, from zero.
  package let position: Int
  package let status: Status
  package let started: Moment?
  package let loaded: Moment?
  package let finished: Moment?
}

extension Ledger {
  /// Enters the tables of a session in the order of loading; those that are there keep their state.
  package func enterTables(_ tables: [String], session: SessionID) throws -> [TableState] {
    let entries = tables.enumerated().map { position, name in
      JSONValue.object(JSONObject([("name", .text(name)), ("position", .int(position))]))
    }
    try connection.query(
      """
      INSERT INTO \(names.table) (session, name, position)
      SELECT $1, e.name, e.position
      FROM jsonb_to_recordset($2) AS e(name text, position integer)
      ON CONFLICT (session, name) DO UPDATE SET position = excluded.position
      """, [session, JSONValue.array(entries).jsonb])
    return try self.tables(session: session)
  }

  /// Returns the tables of a session in the order of loading.
  package func tables(session: SessionID) throws -> [TableState] {
    let found = try connection.query(
      """
      SELECT \(TableColumn.list) FROM \(names.table) t WHERE session = $1 ORDER BY position, id
      """, [session])
    return found.rows.map(Self.state)
  }

  /// The columns of a table's state, in a statement that calls the table `t`.
  enum TableColumn: String, ColumnList {
    case id, name, position, status, started, loaded, finished

    var sql: String {
      switch self {
      case .started, .loaded, .finished: Moment.sql("t.\(rawValue)")
      default: "t.\(rawValue)"
      }
    }
  }

  static func state(_ found: QueryResult.Row) -> TableState {
    let row = ColumnRow<TableColumn>(found)
    return TableState(
      id: row.id(.id), name: row.string(.name), position: row.number(.position),
      status: TableState.Status(rawValue: row.string(.status)) ?? .pending,
      started: row.moment(.started), loaded: row.moment(.loaded), finished: row.moment(.finished))
  }

  /// Notes how far a table is, and when it got there first.
  package func setStatus(_ status: TableState.Status, table: TableID) throws {
    let changed = try connection.query(settingStatus(status), [table, status.rawValue])
    guard changed.affectedRows == 1 else {
      throw LedgerError(.unknown, "the ledger has no table number \(table)")
    }
  }

  /// Notes how far a table is with a pipeline, which fails if the table is not as far as is expected.
  package func setStatus(
    _ status: TableState.Status, from earlier: TableState.Status, table: TableID,
    in pipeline: inout Pipeline
  ) {
    pipeline.require(
      "(SELECT status FROM \(names.table) WHERE id = $1) = $2", [table, earlier.rawValue])
    pipeline.query(settingStatus(status), [table, status.rawValue])
  }

  private func settingStatus(_ status: TableState.Status) -> String {
    "UPDATE \(names.table) SET status = $2, \(Self.noting(status)) WHERE id = $1"
  }

  /// What is noted of a table that gets so far.
  static func noting(_ status: TableState.Status) -> String {
    switch status {
    case .pending: "started = NULL, loaded = NULL, finished = NULL"
    case .running:
      "started = coalesce(started, clock_timestamp()), loaded = NULL, finished = NULL"
    case .loaded, .restoring: "loaded = coalesce(loaded, clock_timestamp()), finished = NULL"
    case .done:
      "loaded = coalesce(loaded, clock_timestamp()), "
        + "finished = coalesce(finished, clock_timestamp())"
    }
  }

  /// Counts the rows that a table of the target holds before the migration loads the first, and forgets what an
  /// earlier try has noted of its sequences.
  package func noteRowsBefore(in live: PostgresTable, table: TableID) throws -> Int {
    try connection.query(try notingRowsBefore(in: live), [table]).int(0, 0) ?? 0
  }

  /// Notes with a pipeline that a table of the target holds no rows before; if it does, the pipeline fails.
  package func noteNoRowsBefore(
    in live: PostgresTable, table: TableID, in pipeline: inout Pipeline
  ) throws {
    pipeline.query(try notingRowsBefore(in: live), [table])
    pipeline.require("(SELECT rows_before FROM \(names.table) WHERE id = $1) = 0", [table])
  }

  private func notingRowsBefore(in live: PostgresTable) throws -> String {
    """
    WITH forgotten AS (DELETE FROM \(names.sequenceBefore) WHERE table_id = $1)
    UPDATE \(names.table) SET rows_before = (SELECT count(*) FROM \(try live.ownRows()))
    WHERE id = $1 RETURNING rows_before
    """
  }

  /// Whether a table of which no row is loaded yet was made ready for other columns than it has now.
  package func isReadyForOthers(than description: String, table: TableID) throws -> Bool {
    try connection.query(
      """
      SELECT EXISTS (SELECT FROM \(names.table) t WHERE id = $1 AND fed_columns <> $2
        AND NOT EXISTS (SELECT FROM \(names.chunk) c WHERE c.table_id = t.id AND c.status = 'done'))
      """, [table, description]
    ).bool(0, 0) ?? false
  }

  /// Returns how many rows a table of the target held before; nil if that was not noted.
  package func rowsBefore(table: TableID) throws -> Int? {
    try connection.query("SELECT rows_before FROM \(names.table) WHERE id = $1", [table]).int(0, 0)
  }
}
