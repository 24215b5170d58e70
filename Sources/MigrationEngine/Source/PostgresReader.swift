import MigrationBasics
import MigrationLedger
import MigrationPlan
import Mongo
import Postgres

/// Reads from a PostgreSQL source through one connection.
package final class PostgresReader: RowReader {
  package let connection: Connection
  private let giveBack: (Connection) -> Void

  init(_ connection: Connection, giveBack: @escaping (Connection) -> Void) {
    (self.connection, self.giveBack) = (connection, giveBack)
  }

  deinit { giveBack(connection) }

  package var isUsable: Bool { connection.isUsable }
  package var cancellable: [Connection] { [connection] }

  package func catalog(of plan: Plan, condition: String?) throws -> SourceCatalog {
    try SourceCatalog(plan, condition: condition, connection)
  }

  package func collections() -> [String] { [] }

  package func find(_ feed: Feed, schema: String, condition: String?) throws -> FeedSource {
    guard let table = try CatalogReader(connection).table(schema: schema, named: feed.from) else {
      throw MigrationError(
        .coded(.schema), "the source has no table \(feed.from)", place: "\(feed.place)",
        remedy: "see: migrate plan check")
    }
    let key = Self.chunkKey(feed, table)
    let filters = [feed.filter, condition]
    let query = try FeedQuery(table: table, key: key, filters: filters)
    for filter in filters.compactMap({ $0 }) {
      try SQLCondition(filter).require(on: query.table, connection, place: feed.place)
    }
    return .table(table, query)
  }

  package func chunks(
    of source: FeedSource, _ cutting: ChunkCutting, while isWanted: () -> Bool
  ) throws -> [PlannedChunk] {
    try ChunkPlanner(query: source.boundTable().query, connection: connection, cutting: cutting)
      .plan(while: isWanted)
  }

  package func count(_ source: FeedSource, each: [String]?) throws -> Int {
    let query = try source.boundTable().query
    return try connection.execute(query.count(after: nil), hasPlanSQL: query.hasConditions).int(
      0, 0) ?? 0
  }

  package func documents(
    of source: FeedSource, idsOnly: Bool, limit: Int?, _ body: (DocumentView) throws -> Void
  ) throws {
    throw MigrationError(.failed, "rows of a table are no documents")
  }

  package func read(
    _ feed: FeedWork, _ part: FeedPart, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let (table, query) = try feed.source.boundTable()
    guard let select = try select(part, feed, table, query) else { return }
    // A condition may ask what the conditions of other feeds let through.
    var hasPlanSQL = query.hasConditions
    if case .matching = part { hasPlanSQL = true }
    let texts = UnreadableTexts(feed.program, table, connection, hasPlanSQL: hasPlanSQL)
    if let texts, try texts.occur(in: select) { return try texts.read(select, body) }
    let statement = Self.copy(select(feed.program.selectList))
    try connection.copyOut(statement, hasPlanSQL: hasPlanSQL).forEachRow(body)
  }

  /// Returns what makes the query for a part of a select list; nil if the part has no rows.
  private func select(
    _ part: FeedPart, _ feed: FeedWork, _ table: PostgresTable, _ query: FeedQuery
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
      guard let condition = try Self.condition(keys, feed.feed.key, table) else { return nil }
      conditions = [condition]
    case .typed(let texts):
      guard let typed = try Self.condition(texts, feed.feed.key, table) else { return nil }
      conditions = typed
    }
    return { query.select($0, where: conditions) }
  }

  package static func copy(_ query: String) -> String {
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
  /// Returns the conditions for a key that a user typed; nil if it has not as many parts.
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
      if let bytes = bytes(of: object[name]) {
        parts.append(
          "pg_catalog.convert_to((\(try SQL.identifier(name)))::text, "
            + "pg_catalog.getdatabaseencoding()) IN (\(bytes))")
        continue
      }
      guard let text = object[name].flatMap(text), let type = table[name]?.type else {
        return nil
      }
      parts.append(
        "\(try SQL.identifier(name)) \(type.sign("=")) \(SQL.literal(text))::\(type.nameBelowDomain)"
      )
    }
    return "(" + parts.joined(separator: " AND ") + ")"
  }

  /// Returns the bytes of a text that is not UTF-8, as the quarantine keeps it; `UnreadableTexts` may have put a
  /// byte before them.
  private static func bytes(of value: JSONValue?) -> String? {
    guard case .text(let digits)? = value?["$binary"],
      digits.allSatisfy({ $0.isASCII && $0.isHexDigit })
    else {
      return nil
    }
    let stored = digits.hasPrefix("ff") ? [digits, String(digits.dropFirst(2))] : [digits]
    return stored.map { "'\\x\($0)'::bytea" }.joined(separator: ", ")
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
