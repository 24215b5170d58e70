import Postgres

/// One feed of a table, made ready to be read and transformed; shared by all lanes.
struct FeedWork: Sendable {
  let number: Int
  let feed: Feed
  let source: FeedSource
  let program: RowProgram
  let key: RowKey
  /// The primary key of the target's table.
  let primaryKey: [String]
  /// The COPY that takes what the program writes.
  let copyStatement: String
  /// The fields that a row is hashed of, by their places, -1 for one that the server leaves null;
  /// nil where that is the row as it is.
  var hashedFields: [Int]?
  /// The columns of those fields, in the form in which they are read back.
  var hashedColumns: [HashedColumn] = []

  init(
    number: Int, feed: Feed, source: FeedSource, target: PostgresTable, program: RowProgram,
    staging: MergeStaging?
  ) throws {
    (self.number, self.feed, self.source, self.program) = (number, feed, source, program)
    key = RowKey(source, feed, program)
    primaryKey = target.primaryKey
    let name =
      try staging?.name.quoted() ?? SQL.identifier(schema: target.schema, target.name)
    let columns = try SQL.identifiers(program.targetColumns)
    copyStatement = "COPY \(name) (\(columns)) FROM STDIN \(program.copyForm.option)"
  }
}

/// A table that is being moved: its feeds, what they look up, and who loses among duplicates.
final class TableWork: Sendable {
  let plan: TablePlan
  /// The ledger's number of the table.
  let id: Int
  let target: PostgresTable
  let feeds: [FeedWork]
  /// For each feed, the tables that its program looks rows up in.
  let lookups: [[LookupTable]]
  let losers: LoserTable
  /// Where the rows of a merged table wait; nil where they go straight into the target.
  let staging: MergeStaging?
  /// What hashes the rows that are sent; nil in sessions that are older than fingerprints.
  let fingerprints: FingerprintKey?
  /// What rows are sent for; nil where they go elsewhere first.
  let columns: FedColumns?

  init(
    plan: TablePlan, id: Int, target: PostgresTable, feeds: [FeedWork],
    lookups: [[LookupTable]], losers: LoserTable, staging: MergeStaging? = nil,
    fingerprints: FingerprintKey? = nil, columns: FedColumns? = nil
  ) {
    (self.plan, self.id, self.target) = (plan, id, target)
    (self.feeds, self.lookups, self.losers) = (feeds, lookups, losers)
    (self.staging, self.fingerprints, self.columns) = (staging, fingerprints, columns)
  }

  var name: QualifiedName { QualifiedName(schema: target.schema, name: target.name) }

  /// The table that chunks are copied into.
  var destination: QualifiedName { staging?.name ?? name }

  func makeMachines() -> [RowMachine] {
    zip(feeds, lookups).map { RowMachine($0.program, lookups: $1) }
  }
}

/// The rows that lose against an earlier duplicate, by feed and the bytes of their key.
final class LoserTable: Sendable {
  static let none = LoserTable([])

  /// What a row loses against.
  struct Loss {
    /// The key of the row that is kept.
    let winner: JSONValue
    /// The columns that collide.
    let columns: String
    /// Of rows that are equal, the chunk in which the first one is loaded; nil where every one of them loses.
    let keptIn: Int?
  }

  private let table: LookupTable
  private let losses: [Loss]
  /// Feeds that have any, so that the others' rows are not looked for.
  let feeds: Set<Int>

  init(_ losers: [DuplicateRow]) {
    let builder = LookupTableBuilder()
    for (index, loser) in losers.enumerated() {
      let key = Self.key(feed: loser.feed, loser.rawKey)
      key.withUnsafeBytes { key in
        withUnsafeBytes(of: UInt32(index)) { _ = builder.insert(key: key, value: $0) }
      }
    }
    table = builder.finish()
    losses = losers.map { Loss(winner: $0.winner, columns: $0.columns, keptIn: $0.keptIn) }
    feeds = Set(losers.map(\.feed))
  }

  /// Returns what a row loses against; nil for one that loses against none.
  func loss(feed: Int, rawKey: [UInt8]) -> Loss? {
    let key = Self.key(feed: feed, rawKey)
    let index = key.withUnsafeBytes { key in
      table.find(key) { Int($0.loadUnaligned(as: UInt32.self)) }
    }
    return index.map { losses[$0] }
  }

  private static func key(feed: Int, _ rawKey: [UInt8]) -> [UInt8] {
    [UInt8(truncatingIfNeeded: feed)] + rawKey
  }
}
