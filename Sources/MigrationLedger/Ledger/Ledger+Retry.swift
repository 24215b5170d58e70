import Postgres

extension Ledger {
  /// Takes open rows of a table's quarantine for the transaction that is open.
  ///
  /// They are locked until it ends, so that two retries never take the same row. What the caller
  /// loads into the target, it settles in the same transaction, so each row is loaded exactly once.
  package func takeForRetry(
    session: SessionID, table: String, feed: Int? = nil, after: Int = 0, limit: Int = 500
  ) throws -> [QuarantineEntry] {
    let found = try connection.query(
      """
      SELECT \(EntryColumn.list)
      FROM \(names.quarantine) q JOIN \(names.table) t ON t.id = q.table_id
      WHERE q.table_id = (SELECT id FROM \(names.table) WHERE session = $1 AND name = $2)
        AND q.status = 'open' AND q.id > $3 AND ($5::integer IS NULL OR q.feed = $5)
      ORDER BY q.id LIMIT $4 FOR UPDATE OF q SKIP LOCKED
      """, [session, table, after, limit, feed])
    return try found.rows.map { try Self.entry($0) }
  }

  /// Closes open rows as retried or settled; returns how many were open.
  @discardableResult
  package func settle(
    _ ids: [Int], as status: QuarantinedRow.Status, note: String? = nil
  ) throws(PostgresError) -> Int {
    try connection.query(
      """
      UPDATE \(names.quarantine) SET status = $2, note = coalesce($3, note),
        closed = CASE WHEN $2 = 'open' THEN NULL ELSE clock_timestamp() END,
        retry_xid = CASE WHEN $2 = 'retried' THEN txid_current() END
      WHERE id = ANY ($1) AND status = 'open'
      """, [ids, status.rawValue, note]
    ).affectedRows
  }

  /// Notes that a retry failed, with the reason that holds now.
  package func noteRetryFailure(_ id: Int, _ row: QuarantinedRow) throws(PostgresError) {
    let kept = row.storable(for: encoding)
    try connection.query(
      """
      UPDATE \(names.quarantine) SET retries = retries + 1, code = $2, reason = $3,
        column_name = $4, value = $5, hint = $6
      WHERE id = $1 AND status = 'open'
      """,
      [
        id, kept.code.rawValue, kept.reason, kept.column, kept.value, kept.hint,
      ])
  }
}
