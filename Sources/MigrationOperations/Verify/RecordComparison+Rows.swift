import MigrationBasics
import MigrationLedger
import Postgres

/// Rows without a unique key: the quarantine has them by their values, each copy once.
///
/// Such rows are sent with themselves next to their key. Each is paired with a quarantined row that is equal to it, and
/// of n equal rows of which m are quarantined, n - m must be in the target.
extension RecordComparison {
  private static let rowMember = "$row"
  private static let keyMember = "$key"
  static let explainedMember = "$explained"

  /// A key to send with a row that may be in the quarantine.
  static func key(
    _ key: JSONValue, with row: JSONValue, for encoding: String
  ) -> JSONValue {
    [keyMember: key, rowMember: .text(EscapedText.storable(row, for: encoding).compact)]
  }

  /// Pairs the rows that were sent with the quarantine of a feed, and gives the others their keys back.
  func explainRows(feed: Int) throws {
    let key = try SQL.identifier(Self.keyColumn)
    let row = "(\(key) ->> '\(Self.rowMember)')::jsonb"
    let entries =
      """
      SELECT q.id, q.key, q.row FROM \(scope.ledger.names.quarantine) q
      WHERE q.table_id = \(tableNumber) AND q.feed = \(feed) AND q.status NOT IN ('retried', 'corrupted')
      """
    try connection.execute(
      """
      UPDATE \(temporary) s SET \(key) = jsonb_build_object('\(Self.explainedMember)', pair.id)
      FROM (
        SELECT n.place, q.id FROM (
          SELECT ctid AS place, \(row) AS row,
            row_number() OVER (PARTITION BY \(row) ORDER BY ctid) AS copy
          FROM \(temporary) WHERE \(key) ? '\(Self.rowMember)') n
        JOIN (
          SELECT e.*, row_number() OVER (PARTITION BY e.row ORDER BY e.id) AS copy
          FROM (\(entries)) e) q ON q.row = n.row AND q.copy = n.copy) pair
      WHERE s.ctid = pair.place;
      """)
    try explainChanged(entries, key)
    // What has no key is shown as it is.
    try connection.execute(
      """
      UPDATE \(temporary) SET \(key) =
        CASE WHEN \(key) -> '\(Self.keyMember)' = 'null' THEN \(row) ELSE \(key) -> '\(Self.keyMember)' END
      WHERE \(key) ? '\(Self.rowMember)'
      """)
  }

  /// A row that was changed since it was quarantined is known by its key, if nothing else has that key.
  private func explainChanged(_ entries: String, _ key: String) throws {
    let member = "\(key) -> '\(Self.keyMember)'"
    try connection.execute(
      """
      UPDATE \(temporary) s SET \(key) = jsonb_build_object('\(Self.explainedMember)', q.id)
      FROM (SELECT e.key, min(e.id) AS id FROM (\(entries)) e GROUP BY e.key HAVING count(*) = 1) q
      WHERE s.\(member) = q.key
        AND NOT EXISTS (SELECT FROM \(temporary) o
          WHERE (o.\(key) ->> '\(Self.explainedMember)')::bigint = q.id)
        AND NOT EXISTS (SELECT FROM \(temporary) o WHERE o.\(member) = q.key AND o.ctid <> s.ctid)
      """)
  }
}
