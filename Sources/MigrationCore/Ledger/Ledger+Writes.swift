import Postgres

/// A reason for which a transaction other than a chunk's wrote rows of a table.
enum WriteKind: String {
  /// Rows that had been in quarantine came in.
  case retry
  /// References that lead nowhere became null.
  case lateNull = "late null"
}

extension Ledger {
  /// Enters the open transaction as one that wrote rows of a table, beside those of its chunks.
  ///
  /// Every row keeps the id of the transaction that wrote it last. The ids of the chunks and these
  /// are all that the migration wrote with, so that its rows can be told from those of others.
  ///
  /// - Parameters:
  ///   - feed: the feed that all its rows come from; nil where they come from several.
  ///   - sum: its rows, where they are known; they can be entered later.
  func noteWrite(
    _ kind: WriteKind, table: Int, feed: Int? = nil, _ sum: FingerprintSum? = nil
  ) throws(PostgresError) {
    try connection.query(
      """
      INSERT INTO \(names.write) (table_id, xid, kind, feed, fingerprint, fingerprint_rows)
      VALUES ($1, txid_current(), $2, $3, $4, $5) ON CONFLICT DO NOTHING
      """, [table, kind.rawValue, feed, sum?.fingerprint.bytes, sum?.rows])
  }

  /// Returns the SQL condition that a row of a table was last written by the table's migration.
  ///
  /// A row shows the lower half of its transaction's id.
  func isOwn(_ alias: String, table: Int) -> String {
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
