import MigrationPlan
import Postgres

/// What a rollback left of a table, so that it can be checked later whether all of it still exists.
package struct LeftRows: Sendable, Hashable {
  package let rows: Int
  /// What all rows add up to, and what their primary keys do; nil for a table without one.
  package let sum: String
  package let keys: String?
  /// Rows that were written since a transaction; nil if that is not known.
  package var later: Int?

  /// Reads a table, in a transaction.
  ///
  /// - Parameter since: the id of a transaction, with its epoch.
  package static func read(
    _ table: PostgresTable, since: Int? = nil, _ connection: Connection
  ) throws -> LeftRows {
    let keys = table.primaryKey
    // The text of a row must not depend on the session.
    try connection.execute(
      """
      SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL TimeZone = 'UTC';
      SET LOCAL extra_float_digits = 3; SET LOCAL bytea_output = 'hex'; SET LOCAL xmlbinary = 'base64';
      SET LOCAL lc_monetary = 'C'
      """)
    let list = try keys.map { "t." + (try SQL.identifier($0)) }.joined(separator: ", ")
    let keySum = keys.isEmpty ? "NULL" : sum(of: "ROW(\(list))::text")
    let later = since.map { "count(*) FILTER (WHERE \(isLater("t", than: $0)))" } ?? "NULL"
    let found = try connection.query(
      "SELECT count(*), \(sum(of: "ROW(t.*)::text")), \(keySum), \(later) FROM \(try table.ownRows()) t"
    )
    return LeftRows(
      rows: found.int(0, 0) ?? 0, sum: found.text(0, 1) ?? "", keys: found.text(0, 2),
      later: found.int(0, 3))
  }

  private static func sum(of text: String) -> String {
    "concat_ws(' ', sum(hashtextextended(\(text) COLLATE \"C\", 0)), "
      + "sum(hashtextextended(\(text) COLLATE \"C\", 20260101)))"
  }

  /// The condition that a row was written after a transaction.
  private static func isLater(_ alias: String, than xid: Int) -> String {
    let id = "\(alias).xmin::text::bigint"
    // Ids below 3 are of the server's own making.
    return """
      \(id) > 2 AND ((\(id) - \(xid & 0xFFFF_FFFF)) & 4294967295)
        BETWEEN 1 AND txid_snapshot_xmax(txid_current_snapshot()) - \(xid)
      """
  }
}

extension LedgerUpgrades {
  /// The step that keeps what rollbacks left, and what they did not find.
  static let leftRows: @Sendable (LedgerNames) -> String = { names in
    """
    ALTER TABLE \(names.rollbackTable) ADD COLUMN rows_missing bigint NOT NULL DEFAULT 0,
      ADD COLUMN left_sum text, ADD COLUMN left_keys text, ADD COLUMN emptied_xid bigint;
    """
  }
}
