import MigrationBasics
import MigrationLedger
import Postgres

/// Keeps the fingerprints of a table true if its rows are changed after their chunks.
///
/// Belongs into the transaction that changes them.
struct LateFingerprints {
  private let ledger: Ledger
  private let table: TableID
  /// What queries name the table's own rows by.
  private let rows: String
  private let key: FingerprintKey

  /// - Parameter key: the session's; nil if it has none, and then there is nothing to keep.
  init?(_ ledger: Ledger, table: TableID, rows: String, key: [UInt8]?) {
    guard let key else { return nil }
    (self.ledger, self.table, self.rows, self.key) = (ledger, table, rows, FingerprintKey(key))
  }

  /// Takes rows out of the sums of the transactions that wrote them, before they are changed.
  ///
  /// - Parameter rest: what chooses the rows of the table, which is called `t`.
  /// - Returns: How many rows it chooses; nil if they were not counted.
  @discardableResult
  func takeAway(_ rest: String) throws -> Int? {
    let book = try ledger.fingerprints(table: table)
    guard !book.isEmpty else { return nil }
    let tally = try FingerprintReading(book: book, key: key, table: rows)
      .run(ledger.connection, rest: rest)
    let changes = zip(book.groups, tally.groups).compactMap { group, gone in
      // What this transaction has changed itself is summed up at its end.
      guard gone.rows > 0, let entry = group.entries.first, var sum = entry.sum else {
        return (entry: ExpectedFingerprints.Entry, sum: FingerprintSum)?.none
      }
      sum -= gone
      return (entry, sum)
    }
    try ledger.correct(changes, table: table)
    return tally.all.rows
  }

  /// Sums up the rows that the open transaction has written, which it has entered as a write.
  func settle() throws {
    let book = try ledger.fingerprints(table: table)
    let own = try ledger.connection.query("SELECT txid_current()").int(0, 0) ?? 0
    guard let place = book.group(of: UInt32(truncatingIfNeeded: own)),
      let entry = book.groups[place].entries.first(where: { $0.chunk == nil })
    else { return }
    let tally = try FingerprintReading(book: book, key: key, table: rows)
      .run(ledger.connection, rest: "WHERE t.xmin::text::bigint = \(own & 0xFFFF_FFFF)")
    var sum = tally.groups[place]
    sum -= tally.touched[place]
    try ledger.correct([(entry, sum)], table: table)
  }
}
