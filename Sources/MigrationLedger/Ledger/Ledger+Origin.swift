import MigrationBasics
import MigrationPlan
import Postgres

/// Whether the ids of transactions in the ledger mean what they meant when they were written.
///
/// Rows are known by the transactions that wrote them, and ids are drawn by a cluster: in another one,
/// the same ids are those of anybody. So the ledger has a row that holds the id of the transaction that
/// wrote it, and the number of its own table. Both are true in the cluster that wrote them and in its
/// physical copies (standby, base backup, a point in time, a database made of a template). A dump that is
/// restored writes all rows again, with ids of its own.
extension LedgerUpgrades {
  /// The step that keeps where the ledger was written.
  ///
  /// An older ledger is believed if its chunks still show the transactions that they name.
  static let origin: @Sendable (LedgerNames) -> String = { names in
    """
    ALTER TABLE \(names.meta) ADD COLUMN IF NOT EXISTS origin_xid bigint,
      ADD COLUMN IF NOT EXISTS origin_relation bigint,
      ADD COLUMN IF NOT EXISTS origin_cluster text;
    UPDATE \(names.meta) SET origin_xid = txid_current(), origin_relation = tableoid::bigint
    WHERE (SELECT count(*) = 0 OR bool_or(c.xmin::text::bigint = c.xid & 4294967295)
        AND (count(DISTINCT c.xmin::text) > 1 OR count(DISTINCT c.xid) = 1)
      FROM \(names.chunk) c WHERE c.xid IS NOT NULL);
    ALTER TABLE \(names.rollbackTable) ALTER COLUMN xids DROP NOT NULL;
    """
  }
}

extension Ledger {
  /// Says why the ids of transactions that the ledger has mean nothing here; nil if they hold.
  package func foreignOrigin() throws -> String? {
    let row = try oneRow(
      """
      SELECT coalesce(origin_xid & 4294967295 = m.xmin::text::bigint
          AND origin_relation = m.tableoid::bigint, false),
        origin_cluster, origin_xid >= greatest(
          txid_snapshot_xmax(txid_current_snapshot()), txid_current_if_assigned() + 1)
      FROM \(names.meta) m
      """, otherwise: LedgerError(.ledgerDamaged, "the ledger has lost its identity"))
    if row.bool(2) == true {
      return "the ledger names transactions that this server has not run"
    }
    guard row.bool(0) == true else {
      return "the ledger was restored from a dump or copied: its transaction ids belong to another "
        + "cluster or to other rows"
    }
    guard let written = row.text(1), let here = try DatabaseIdentity.system(connection),
      written != here, try !isUpgraded()
    else { return nil }
    return "the ledger was written in another cluster (system identifier \(written), here \(here))"
  }

  /// Whether the cluster is the same one after a `pg_upgrade`, which keeps rows and ids, and draws a new
  /// number: of a table that was filled again, at most one entry can show its transaction by chance.
  private func isUpgraded() throws -> Bool {
    let kept = try connection.query(
      """
      SELECT count(DISTINCT xid) > 1 FROM \(names.chunk)
      WHERE xid IS NOT NULL AND xmin::text::bigint = xid & 4294967295
      """)
    return kept.bool(0, 0) == true
  }

  /// Whether all rows that a table's migration wrote can be identified by their transactions.
  package func knowsTransactions(table: TableID) throws -> Bool {
    let forgotten = try connection.query(
      """
      SELECT EXISTS (SELECT FROM \(names.chunk)
        WHERE table_id = $1 AND status = 'done' AND rows_loaded > 0 AND xid IS NULL)
      """, [table])
    return try forgotten.bool(0, 0) != true && foreignOrigin() == nil
  }

  /// Refuses what knows rows by their transactions if the ledger's ids mean nothing here.
  package func requireOwnOrigin() throws {
    guard let why = try foreignOrigin() else { return }
    throw Self.untellable(why)
  }

  package static func untellable(_ why: String) -> MigrationError {
    MigrationError(
      .coded(.rollback), "cannot identify the rows of the migration: \(why)",
      reason: "rowsUntellable",
      remedy: "nothing was changed; restore a backup from before the migration")
  }

  /// Forgets the ids of another cluster before anything is written: rows of anybody may bear them here.
  ///
  /// - Returns: A warning that says why they were forgotten; nil if they hold.
  package func adoptOrigin() throws -> String? {
    guard let why = try foreignOrigin() else { return nil }
    try atomically { try forgetTransactions() }
    return "\(why); only a backup can roll back rows that were loaded before"
  }

  /// Forgets which transactions wrote rows, and takes this cluster for the ledger's own.
  package func forgetTransactions() throws {
    let cluster = try DatabaseIdentity.system(connection)
    try connection.execute(
      """
      UPDATE \(names.chunk) SET xid = NULL, command = NULL WHERE xid IS NOT NULL;
      DELETE FROM \(names.write);
      UPDATE \(names.quarantine) SET retry_xid = NULL WHERE retry_xid IS NOT NULL;
      UPDATE \(names.rollbackTable) SET xids = NULL WHERE xids IS NOT NULL;
      """)
    try connection.query(
      """
      UPDATE \(names.meta) SET origin_xid = txid_current(), origin_relation = tableoid::bigint,
        origin_cluster = $1
      """, [cluster])
  }

  /// Enters the version in the row that shows the ledger's origin, which stays what it was.
  func enterVersion() throws(PostgresError) {
    let cluster = try DatabaseIdentity.system(connection)
    try connection.query(
      """
      UPDATE \(names.meta) SET version = $1,
        origin_xid = CASE WHEN origin_xid & 4294967295 = xmin::text::bigint THEN txid_current() END,
        origin_cluster = CASE WHEN origin_xid IS NOT NULL THEN coalesce(origin_cluster, $2) END
      """, [Self.version, cluster])
  }
}
