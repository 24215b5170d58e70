import MigrationBasics
import MigrationPlan
import Mongo

/// Reads from a MongoDB source through one client.
final class MongoReader: RowReader {
  let client: MongoClient
  let database: String
  private let giveBack: (MongoClient) -> Void

  init(_ client: MongoClient, database: String, giveBack: @escaping (MongoClient) -> Void) {
    (self.client, self.database, self.giveBack) = (client, database, giveBack)
  }

  deinit { giveBack(client) }

  /// The driver connects again on its own.
  var isUsable: Bool { true }

  func catalog(of plan: Plan, condition: String?) throws -> SourceCatalog {
    var catalog = SourceCatalog()
    (catalog.collections, catalog.views) = (try collections(), try views())
    return catalog
  }

  func collections() throws -> [String] {
    try SourceError.wrapping(database) {
      try client.collections(in: database).filter { !$0.isSystem }.map(\.name)
    }
  }

  func find(_ feed: Feed, schema: String, condition: String?) throws -> any BoundFeed {
    let namespace = MongoNamespace(database: database, collection: feed.from)
    let filter = try DocumentFilter.make([feed.filter, condition], feed)
    return try SourceError.wrapping(namespace.description) {
      guard let info = try client.collection(namespace) else {
        if feed.mayBeMissing { return MissingCollection<MongoReader>() }
        throw missing(feed, try collections())
      }
      return try describe(namespace, info, filter)
    }
  }

  private func missing(_ feed: Feed, _ names: [String]) -> MigrationError {
    MigrationError(
      .coded(.schema), "the source has no collection \(feed.from)", place: "\(feed.place)",
      remedy: nearest(to: feed.from, in: names).map { "did you mean \($0)?" }
        ?? "correct the name, or let the plan say missing: \"empty\"")
  }
}
