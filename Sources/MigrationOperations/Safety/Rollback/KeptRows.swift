import MigrationLedger
import Postgres

/// Rows of the migration that a rollback kept because others had changed them.
///
/// After that rollback nothing else distinguishes them from rows of others: the ids of the transactions and the
/// quarantine are gone. The ledger keeps their keys, so that a later rollback can take them too.
extension Ledger {
  /// Notes the keys of the rows of a table that a rollback keeps.
  package func keep(_ table: RollbackTable, rollback: Int) throws {
    let key = try table.live.primaryKey.map { "k.\(try SQL.identifier($0))::text" }
    try connection.query(
      """
      INSERT INTO \(names.rollbackKept) (rollback, table_id, key)
      SELECT $1, $2, ARRAY[\(key.joined(separator: ", "))]
      FROM \(ChangedRows.keysName(table.state.id)) k WHERE NOT k.\(ChangedRows.touchedColumn)
      """, [rollback, table.state.id])
  }

  func forgetKept(table: TableID) throws {
    try connection.query("DELETE FROM \(names.rollbackKept) WHERE table_id = $1", [table])
  }

  /// Returns the tables of a scope of which earlier rollbacks kept rows, by the ledger's numbers.
  func tablesWithKept(_ scope: RollbackScope, session: SessionID) throws -> Set<TableID> {
    let found = try connection.query(
      """
      SELECT DISTINCT k.table_id, t.name, r.scope FROM \(names.rollbackKept) k
        JOIN \(names.rollback) r ON r.id = k.rollback JOIN \(names.table) t ON t.id = k.table_id
      WHERE r.session = $1
      """, [session])
    let meant = found.rows.filter { row in
      switch scope {
      case .session: true
      case .tables(let names): names.contains(row.string(1))
      case .lastStep, .checkpoint: row.string(2) == scope.description
      }
    }
    return Set(meant.map { $0.id(0) })
  }
}

extension RollbackTable {
  /// Adds the keys of rows that earlier rollbacks kept to those of changed rows.
  ///
  /// - Parameter isBegun: whether the table of those keys is there.
  /// - Returns: how many keys of rows that others changed there are, how many of them were kept, and how many
  ///   are of rows that were not written since the session's first transaction.
  func addKept(_ ledger: Ledger, isBegun: Bool) throws -> (changed: Int, kept: Int, old: Int)? {
    let names = try live.primaryKey.map { "t." + (try SQL.identifier($0)) }
    guard !names.isEmpty, rows.since == nil else { return nil }
    let list = try SQL.identifiers(live.primaryKey)
    let kept =
      """
      SELECT DISTINCT \(names.joined(separator: ", ")) FROM \(try live.ownRows()) t
        JOIN \(ledger.names.rollbackKept) k
          ON k.key = ARRAY[\(names.map { $0 + "::text" }.joined(separator: ", "))]
      WHERE k.table_id = \(state.id) AND (\(rows.ofOthers("t")) OR \(rows.touched("t")))
      """
    let keys = ChangedRows.keysName(state.id)
    let connection = ledger.connection
    try connection.execute(
      isBegun
        ? "INSERT INTO \(keys) SELECT a.*, false FROM (\(kept) EXCEPT SELECT \(list) FROM \(keys)) a"
        : "DROP TABLE IF EXISTS \(keys); "
          + "CREATE TEMP TABLE \(keys.replacing("pg_temp.", with: "")) AS "
          + "SELECT a.*, false AS \(ChangedRows.touchedColumn) FROM (\(kept)) a")
    let found = try connection.query(
      """
      SELECT count(*) FILTER (WHERE NOT k.\(ChangedRows.touchedColumn)),
        count(*) FILTER (WHERE NOT \(rows.foreign("t"))),
        (SELECT count(*) FROM (\(kept)) a)
      FROM \(keys) k JOIN \(try live.ownRows()) t ON \(try joinsKeys)
      """)
    return (found.int(0, 0) ?? 0, found.int(0, 2) ?? 0, found.int(0, 1) ?? 0)
  }

  /// The condition that a row `t` has the key `k`.
  var joinsKeys: String {
    get throws {
      try live.primaryKey.map { column in
        let column = try SQL.identifier(column)
        return "t.\(column) = k.\(column)"
      }.joined(separator: " AND ")
    }
  }
}
