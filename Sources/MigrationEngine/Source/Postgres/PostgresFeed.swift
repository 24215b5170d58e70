import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// A table of PostgreSQL that a feed reads.
struct PostgresFeed: BoundFeed {
  typealias Reader = PostgresReader

  let table: PostgresTable
  let query: FeedQuery

  var title: String { "the table \(table.name)" }
  var form: RowForm { .columns(table) }

  func key(of feed: Feed, _ program: RowProgram) -> RowKey {
    guard !query.key.isEmpty, table.tellsRowsApart(by: feed.key) else { return .row }
    return .fields(feed.key.compactMap { program.sourceColumns.firstIndex(of: $0) }.sorted())
  }

  func duplicates(
    in set: [String], of feeds: [FeedWork], target: PostgresTable
  ) -> DuplicateExtent {
    DuplicateCandidates(feeds, target: target)?.extent(of: set) ?? .all
  }

  func survey(
    _ cutting: ChunkCutting, through reader: PostgresReader, while isWanted: () -> Bool
  ) throws -> (state: SourceState?, chunks: [PlannedChunk]) {
    let blocks = query.key.isEmpty ? try blocks(reader.connection) : nil
    let planner = ChunkPlanner(query: query, connection: reader.connection, cutting: cutting)
    return (blocks?.state, try planner.plan(while: isWanted))
  }

  func count(each: [String]?, through reader: PostgresReader) throws -> Int {
    try reader.connection.execute(query.count(after: nil), hasPlanSQL: query.hasConditions)
      .int(0, 0) ?? 0
  }

  func read(
    _ part: FeedPart, of feed: FeedWork, through reader: PostgresReader,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let connection = reader.connection
    guard let select = try select(part, feed, connection) else { return }
    // A condition may ask what the conditions of other feeds let through.
    var hasPlanSQL = query.hasConditions
    if case .matching = part { hasPlanSQL = true }
    let texts = UnreadableTexts(feed.program, table, connection, hasPlanSQL: hasPlanSQL)
    if let texts, try texts.occur(in: select) { return try texts.read(select, body) }
    let statement = PostgresReader.copy(select(feed.program.selectList))
    try connection.copyOut(statement, hasPlanSQL: hasPlanSQL).forEachRow(body)
  }

  /// Returns what makes the query for a part of a select list; nil if the part has no rows.
  private func select(
    _ part: FeedPart, _ feed: FeedWork, _ connection: Connection
  ) throws -> ((String) -> String)? {
    let conditions: [String?]
    switch part {
    case .chunk(let range): conditions = [try query.condition(of: range)]
    case .all: conditions = []
    case .first(let count): return { query.select($0) + " LIMIT \(count)" }
    case .matching(let condition): conditions = [condition]
    case .sample(let count):
      let sampling = RecordSampling(source: connection, table: table, feed: feed.feed, count: count)
      conditions = [try sampling.condition()]
    case .keys(let keys):
      guard let condition = try PostgresKeys(feed.feed.key, table).condition(keys) else {
        return nil
      }
      conditions = [condition]
    case .typed(let texts):
      guard let typed = try PostgresKeys(feed.feed.key, table).condition(typed: texts) else {
        return nil
      }
      conditions = typed
    }
    return { query.select($0, where: conditions) }
  }
}

extension PostgresTable {
  /// Whether some columns are never null and never the same in two rows.
  ///
  /// Rows of tables that inherit from this one are read with its own, and obey none of its keys.
  func tellsRowsApart(by columns: [String]) -> Bool {
    guard !hasHeirs else { return false }
    let sets = [primaryKey] + unique.filter { $0.allSatisfy { self[$0]?.isNotNull == true } }
    return sets.contains { !$0.isEmpty && Set(columns).isSuperset(of: $0) }
  }
  /// Whether two rows with values in all of some columns never have the same, whatever nulls there are in others.
  func tellsValuesApart(by columns: [String]) -> Bool {
    !hasHeirs
      && ([primaryKey] + unique).contains { !$0.isEmpty && Set(columns).isSuperset(of: $0) }
  }
}
