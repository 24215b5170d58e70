import Mongo
import Postgres

/// Reads from a PostgreSQL source through one connection.
final class PostgresReader: RowReader {
  private let connection: Connection
  private let giveBack: (Connection) -> Void

  init(_ connection: Connection, giveBack: @escaping (Connection) -> Void) {
    (self.connection, self.giveBack) = (connection, giveBack)
  }

  deinit { giveBack(connection) }

  var isUsable: Bool { connection.isUsable }
  var cancellable: [Connection] { [connection] }

  func catalog(of plan: Plan, condition: String?) throws -> SourceCatalog {
    try SourceCatalog(plan, condition: condition, connection)
  }

  func collections() -> [String] { [] }

  func find(_ feed: Feed, schema: String, condition: String?) throws -> FeedSource {
    guard let table = try CatalogReader(connection).table(schema: schema, named: feed.from) else {
      throw MigrationError(
        .coded(.schema), "the source has no table \(feed.from)", place: "\(feed.place)",
        remedy: "see: migrate plan check")
    }
    let key = Self.chunkKey(feed, table)
    return .table(table, try FeedQuery(table: table, key: key, filters: [feed.filter, condition]))
  }

  func chunks(
    of source: FeedSource, _ cutting: ChunkCutting, while isWanted: () -> Bool
  ) throws -> [PlannedChunk] {
    guard case .table(_, let query) = source else { return [] }
    return try ChunkPlanner(query: query, connection: connection, cutting: cutting)
      .plan(while: isWanted)
  }

  func count(_ source: FeedSource, each: [String]?) throws -> Int {
    guard case .table(_, let query) = source else { return 0 }
    return try connection.execute(query.count(after: nil), hasPlanSQL: query.hasConditions).int(
      0, 0) ?? 0
  }

  func documents(
    of source: FeedSource, idsOnly: Bool, limit: Int?, _ body: (DocumentView) throws -> Void
  ) throws {}

  func read(
    _ feed: FeedWork, _ part: FeedPart, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard case .table(let table, let query) = feed.source else { return }
    let list = feed.program.selectList
    let statement: String?
    var hasPlanSQL = query.hasConditions
    switch part {
    case .chunk(let range): statement = query.copy(list, in: range)
    case .all: statement = Self.copy(query.select(list))
    case .sample(let count):
      let sampling = RecordSampling(source: connection, table: table, feed: feed.feed, count: count)
      statement = Self.copy(query.select(list, where: [try sampling.condition()]))
    case .first(let count): statement = Self.copy(query.select(list) + " LIMIT \(count)")
    case .matching(let condition):
      // It may ask what the conditions of other feeds let through.
      hasPlanSQL = true
      statement = Self.copy(query.select(list, where: [condition]))
    case .keys(let keys):
      statement = try Self.condition(keys, feed.feed.key, table)
        .map { Self.copy(query.select(list, where: [$0])) }
    case .typed(let texts):
      statement = try Self.condition(texts, feed.feed.key, table)
        .map { Self.copy(query.select(list, where: $0)) }
    }
    guard let statement else { return }
    try connection.copyOut(statement, hasPlanSQL: hasPlanSQL).forEachRow(body)
  }

  private static func copy(_ query: String) -> String {
    "COPY (\(query)) TO STDOUT (FORMAT binary)"
  }

  /// The columns that chunks are cut by: the feed's key if an index leads there, else none.
  ///
  /// Without an index each chunk would read the whole table; ranges of blocks read it once.
  private static func chunkKey(_ feed: Feed, _ table: PostgresTable) -> [String] {
    let indexed = [table.primaryKey] + table.unique
    let isIndexed = indexed.contains { Array($0.prefix(feed.key.count)) == feed.key }
    return isIndexed && !feed.key.isEmpty ? feed.key : []
  }
}

// Finding rows by their keys.
extension PostgresReader {
  /// Returns the conditions for a key that somebody typed; nil if it has not as many parts.
  private static func condition(
    _ texts: [String], _ key: [String], _ table: PostgresTable
  ) throws -> [String]? {
    guard texts.count == key.count else { return nil }
    return try zip(key, texts).map { name, value in
      let column = try SQL.identifier(name)
      // As text, because a key that is no uuid, say, is none of another feed's rows.
      let text = table[name]?.type.text(of: column) ?? column + "::text"
      return "\(text) OPERATOR(pg_catalog.=) \(SQL.literal(value))"
    }
  }

  /// Returns the condition for keys that the quarantine keeps; nil if none can be looked for.
  private static func condition(
    _ keys: [JSONValue], _ names: [String], _ table: PostgresTable
  ) throws -> String? {
    let conditions = try keys.compactMap { try condition($0, names, table) }
    return conditions.isEmpty ? nil : "(" + conditions.joined(separator: " OR ") + ")"
  }

  private static func condition(
    _ key: JSONValue, _ names: [String], _ table: PostgresTable
  ) throws -> String? {
    guard case .object(let object) = EscapedText.decode(key), !names.isEmpty else { return nil }
    var parts: [String] = []
    for name in names {
      guard let text = object[name].flatMap(text), let type = table[name]?.type else {
        return nil
      }
      parts.append(
        "\(try SQL.identifier(name)) \(type.sign("=")) \(SQL.literal(text))::\(type.nameBelowDomain)"
      )
    }
    return "(" + parts.joined(separator: " AND ") + ")"
  }

  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .text(let text), .numeral(let text): text
    case .int(let number): "\(number)"
    case .bool(let bool): bool ? "true" : "false"
    default: nil
    }
  }
}
