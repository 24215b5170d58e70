import Postgres

/// Which command of a transaction loaded rows.
///
/// A trigger of the target may write rows of any table in the transaction that fires it, and they show that
/// transaction as those do that were loaded. They are distinguished by the number of the command that wrote a row
/// (`cmin`): each statement of a trigger has a later one. A row of the ledger that is written by the command
/// before the load shows the number. It is kept only if the table has triggers, because the server keeps
/// another number in the same place after a failed update or deletion of the row.
extension LedgerUpgrades {
  /// The step that keeps the numbers.
  static let commands: @Sendable (LedgerNames) -> String = { names in
    """
    ALTER TABLE \(names.chunk) ADD COLUMN IF NOT EXISTS command bigint;
    ALTER TABLE \(names.write) ADD COLUMN IF NOT EXISTS commands bigint[];
    ALTER TABLE \(names.rollbackTable) ADD COLUMN IF NOT EXISTS commands bigint[];
    """
  }
}

extension Ledger {
  /// The condition that a transaction was not committed yet when a snapshot was taken.
  package static func isSince(_ snapshot: String, _ id: String) -> String {
    "NOT txid_visible_in_snapshot(\(id), \(SQL.literal(snapshot))::txid_snapshot)"
  }

  /// Returns the statement to run directly before the one that loads a chunk's rows; see `complete`.
  package func marking(_ chunk: Chunk) -> String {
    "UPDATE \(names.chunk) SET command = 0 WHERE table_id = \(chunk.table) AND number = \(chunk.number)"
  }

  /// Returns the statement to run directly before the one that loads the rows of all of a table's chunks.
  package func markingChunks(of table: TableID) -> String {
    "UPDATE \(names.chunk) SET command = 0 WHERE table_id = \(table)"
  }

  /// Returns the SQL condition that triggers may write rows while a table is loaded.
  ///
  /// - Parameter table: an SQL expression of the table's quoted name.
  package static func hasTriggers(_ table: String) -> String {
    """
    EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'
      AND g.tgrelid IN (SELECT to_regclass(\(table))::oid
        UNION ALL SELECT relid FROM pg_partition_tree(to_regclass(\(table)))))
    """
  }

  /// Returns the number of the command that came after the one which wrote a row of the ledger.
  ///
  /// - Parameter row: the alias of the row, in a later statement of the same transaction.
  package static func command(after row: String) -> String { "\(row).cmin::text::bigint + 1" }

  /// Whether triggers may have written rows of a table while it was loaded.
  package func hasCommands(table: TableID) throws -> Bool {
    try connection.query(
      "SELECT EXISTS (SELECT FROM \(names.chunk) WHERE table_id = $1 AND command IS NOT NULL)",
      [table]
    ).bool(0, 0) ?? false
  }

  /// Returns the SQL condition that a row of a table is as the table's migration loaded it.
  ///
  /// - Parameter since: the snapshot after which it was loaded; nil means at any time.
  package func isOwn(_ alias: String, table: TableID, since: String? = nil) -> String {
    let later = since.map { " AND " + Self.isSince($0, "xid") } ?? ""
    let id = "\(alias).xmin::text::bigint"
    return """
      (\(id) IN (
        SELECT xid & 4294967295 FROM \(names.chunk)
        WHERE table_id = \(table) AND xid IS NOT NULL AND command IS NULL\(later)
        UNION ALL SELECT xid & 4294967295 FROM \(names.write)
        WHERE table_id = \(table) AND commands IS NULL\(later))
      OR (\(id), \(alias).cmin::text::bigint) IN (
        SELECT xid & 4294967295, command FROM \(names.chunk)
        WHERE table_id = \(table) AND xid IS NOT NULL AND command IS NOT NULL\(later)
        UNION ALL SELECT xid & 4294967295, pg_catalog.unnest(commands) FROM \(names.write)
        WHERE table_id = \(table)\(later)))
      """
  }

  /// Returns the SQL condition that a transaction of a table's session wrote a row of the table last, and did
  /// not load it as it is: a trigger wrote it.
  package func isTouched(_ alias: String, table: TableID) -> String {
    let tables = """
      SELECT id FROM \(names.table)
      WHERE session = (SELECT session FROM \(names.table) WHERE id = \(table))
      """
    return """
      (\(alias).xmin::text::bigint IN (
        SELECT xid & 4294967295 FROM \(names.chunk) WHERE table_id IN (\(tables)) AND xid IS NOT NULL
        UNION ALL SELECT xid & 4294967295 FROM \(names.write) WHERE table_id IN (\(tables)))
      AND NOT \(isOwn(alias, table: table)))
      """
  }
}
