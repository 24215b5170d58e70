import MigrationBasics
import MigrationPlan
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
  package var cancels: [any Cancelling] {
    [try? connection.cancelHandle()].compactMap { $0 }
  }

  package func catalog(of plan: Plan, condition: String?) throws -> SourceCatalog {
    try SourceCatalog(plan, condition: condition, connection)
  }

  package func find(_ feed: Feed, schema: String, condition: String?) throws -> any BoundFeed {
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
    return PostgresFeed(table: table, query: query)
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
