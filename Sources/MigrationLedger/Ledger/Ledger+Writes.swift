import MigrationBasics
import MigrationPlan
import Postgres

/// A reason for which a transaction other than a chunk's wrote rows of a table.
package enum WriteKind: String {
  /// Rows that had been in quarantine came in.
  case retry
  /// References that match no row became null.
  case lateNull = "late null"
}

extension Ledger {
  /// Enters the open transaction as one whose next command writes rows of a table, besides those of its chunks.
  ///
  /// Every row keeps the id of the transaction that wrote it last. The ids of the chunks and these
  /// are all that the migration wrote with, so that its rows can be distinguished from those of others.
  ///
  /// - Parameter feed: the feed that all its rows come from; nil if they come from several.
  package func beginWrite(_ kind: WriteKind, table: TableID, feed: Int? = nil) throws(PostgresError)
  {
    // The row that shows the number is the session's: one that refers to others, and was written before in the
    // same transaction, makes the server look them up by a command of its own.
    try connection.execute(
      """
      INSERT INTO \(names.write) (table_id, xid, kind, feed)
        VALUES (\(table), txid_current(), \(SQL.literal(kind.rawValue)), \(feed.map(String.init) ?? "NULL"))
        ON CONFLICT DO NOTHING;
      UPDATE \(names.session) SET plan = plan
        WHERE id = (SELECT session FROM \(names.table) WHERE id = \(table))
      """)
  }

  /// Enters what the command after `beginWrite` wrote.
  ///
  /// - Parameter sum: its rows, if they are known; they can be entered later.
  package func endWrite(
    table: TableID, into name: QualifiedName, _ sum: FingerprintSum? = nil
  ) throws {
    try connection.query(
      """
      UPDATE \(names.write) w SET commands = CASE WHEN \(Self.hasTriggers("$2"))
          THEN array_append(w.commands, (
            SELECT \(Self.command(after: "s")) FROM \(names.session) s
            JOIN \(names.table) t ON t.session = s.id WHERE t.id = $1)) END,
        fingerprint = coalesce($3, fingerprint), fingerprint_rows = coalesce($4, fingerprint_rows)
      WHERE table_id = $1 AND xid = txid_current()
      """, [table, try name.quoted(), sum?.fingerprint.bytes, sum?.rows])
  }

  /// Takes back what `beginWrite` entered, if the command wrote no row.
  package func cancelWrite(table: TableID) throws(PostgresError) {
    try connection.query(
      "DELETE FROM \(names.write) WHERE table_id = $1 AND xid = txid_current()", [table])
  }

  /// Returns the SQL condition that a transaction of the table's migration wrote a row of a table last:
  /// the migration itself, or a trigger in it.
  ///
  /// A row shows the lower half of its transaction's id.
  package func bearsOwn(_ alias: String, table: TableID) -> String {
    """
    \(alias).xmin::text::bigint IN (
      SELECT xid & 4294967295 FROM \(names.chunk) WHERE table_id = \(table) AND xid IS NOT NULL
      UNION ALL SELECT xid & 4294967295 FROM \(names.write) WHERE table_id = \(table))
    """
  }
}

extension LedgerUpgrades {
  static let writes: @Sendable (LedgerNames) -> String = { names in
    """
    CREATE TABLE \(names.write) (
      table_id bigint NOT NULL REFERENCES \(names.table) ON DELETE CASCADE,
      xid bigint NOT NULL,
      kind text NOT NULL CHECK (kind IN ('retry', 'late null')),
      written timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (table_id, xid)
    );
    """
  }
}
