import MigrationBasics
import MigrationPlan
import Postgres

/// Loads rows with texts that the server may store otherwise than they are sent, such as an interval
/// of `'24 hours'`.
///
/// They go through a temporary table, from which they are read back and hashed before they continue. So
/// the fingerprint is made of what is stored, and nothing but the rows of this load is read.
struct ReadBack {
  private static let temporary = "pg_temp.migrate_read_back"

  private let feed: FeedWork
  private let name: QualifiedName
  private let key: FingerprintKey
  private let target: Connection
  private let list: String

  /// False if rows are hashed of what is sent, or not at all.
  static func isNeeded(for feed: FeedWork, _ work: TableWork) -> Bool {
    feed.program.isSpelledByServer && work.staging == nil && work.fingerprints != nil
  }

  /// Nil if it is not needed.
  init?(_ feed: FeedWork, _ work: TableWork, _ target: Connection) throws {
    guard Self.isNeeded(for: feed, work), let key = work.fingerprints else { return nil }
    (self.feed, self.key, self.target) = (feed, key, target)
    name = work.name
    list = try SQL.identifiers(feed.program.targetColumns)
    try target.execute(
      """
      CREATE TEMP TABLE \(Self.temporary.replacing("pg_temp.", with: "")) ON COMMIT DROP AS
        SELECT \(list) FROM \(try name.quoted()) WITH NO DATA
      """)
  }

  /// The COPY that takes the rows.
  var copyStatement: String {
    "COPY \(Self.temporary) (\(list)) FROM STDIN \(feed.program.copyForm.option)"
  }

  /// Loads the rows into their table, and returns how many there are and what they add up to.
  ///
  /// - Parameter mark: a statement to run directly before.
  func finish(after mark: String? = nil) throws -> FingerprintSum {
    let sum = try self.sum()
    // COPY, which this replaces, writes columns that are GENERATED ALWAYS AS IDENTITY too.
    let moved = try target.executeOnOwnPath(
      """
      INSERT INTO \(try name.quoted()) (\(list)) OVERRIDING SYSTEM VALUE
        SELECT \(list) FROM \(Self.temporary)
      """, after: mark
    ).affectedRows
    try target.execute("DROP TABLE \(Self.temporary)")
    return FingerprintSum(rows: moved, sum.fingerprint)
  }

  private func sum() throws -> FingerprintSum {
    let hashed = try zip(feed.hashedColumns, feed.hashedFields ?? Array(feed.hashedColumns.indices))
      .map { column, field in field < 0 ? "NULL" : try column.selected() }
    let rows = try target.copyOut(
      "COPY (SELECT \(hashed.joined(separator: ", ")) FROM \(Self.temporary)) TO STDOUT (FORMAT binary)"
    )
    var sum = FingerprintSum()
    while try rows.next({ row in
      sum.add(key.hash(UnsafeRawBufferPointer(rebasing: row.dropFirst(2))))
    }) {}
    return sum
  }
}
