import MigrationBasics
import MigrationLedger
import MigrationPlan
import Mongo
import Postgres

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
  var cancellable: [Connection] { [] }

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

  func find(_ feed: Feed, schema: String, condition: String?) throws -> FeedSource {
    let namespace = MongoNamespace(database: database, collection: feed.from)
    let filter = try DocumentFilter.make([feed.filter, condition], feed)
    return try SourceError.wrapping(namespace.description) {
      guard let info = try client.collection(namespace) else {
        if feed.mayBeMissing { return .nothing }
        throw missing(feed, try collections())
      }
      return .collection(try describe(namespace, info, filter))
    }
  }

  func chunks(
    of source: FeedSource, _ cutting: ChunkCutting, while isWanted: () -> Bool
  ) throws -> [PlannedChunk] {
    guard let collection = try source.boundCollection() else {
      return [PlannedChunk(.everything)]
    }
    return try SourceError.wrapping(collection.namespace.description) {
      try DocumentChunks(feed: collection, client: client, cutting: cutting).plan(while: isWanted)
    }
  }

  func read(
    _ feed: FeedWork, _ part: FeedPart, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard let collection = try feed.source.boundCollection() else { return }
    try SourceError.wrapping(collection.namespace.description) {
      let selection = try selection(collection, part)
      let bounds = selection.bounds
      guard collection.hasIndex, bounds.lower != nil, bounds.upper == nil else {
        return try lend(try cursor(collection, selection), body)
      }
      var hasHighest = false
      if bounds.lower != .maxKey {
        try lend(try cursor(collection, selection)) { document in
          hasHighest = RowKey.isHighestID(of: document)
          try body(document)
        }
      }
      if !hasHighest { try lend(try highest(collection, selection.filter), body) }
    }
  }

  private func lend(
    _ cursor: MongoCursor, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    while let batch = try cursor.nextBatch() {
      try batch.forEach { try body($0.bytes) }
    }
  }

  /// Which documents of a collection are meant.
  private struct Selection {
    var bounds = DocumentBounds()
    var filter: BSONDocument
    var limit: Int64?
  }

  private func selection(_ feed: CollectionFeed, _ part: FeedPart) throws -> Selection {
    var selection = Selection(filter: feed.filter)
    switch part {
    case .chunk(let range): selection.bounds = try DocumentBounds(range)
    case .all: break
    case .first(let count): selection.limit = Int64(count)
    case .keys(let keys):
      selection.filter = DocumentFilter.ids(keys.compactMap(DocumentID.kept))
    case .typed(let texts):
      selection.filter = DocumentFilter.ids(texts.flatMap(DocumentID.typed))
    case .sample(let count):
      selection.filter = try DocumentSampling(feed: feed, client: client, count: count).filter()
    case .matching(let condition):
      throw MigrationError(.failed, "a condition in SQL finds no documents", place: condition)
    }
    return selection
  }

  private func cursor(_ feed: CollectionFeed, _ selection: Selection) throws -> MongoCursor {
    guard feed.hasIndex else {
      var options = FindOptions(batchSize: feed.batchSize)
      options.allowDiskUse = true
      let limit: [BSONDocument] = selection.limit.map { [["$limit": .int64($0)]] } ?? []
      return try client.aggregate(
        feed.namespace,
        pipeline: feed.stages(selection.bounds, filter: selection.filter) + limit,
        options: options)
    }
    var options = feed.options(selection.bounds)
    options.limit = selection.limit
    return try client.find(feed.namespace, filter: selection.filter, options: options)
  }

  /// Finds the document whose `_id` is the highest value that there is: in an index, a range that has a lower
  /// bound and no upper one goes up to it, and not over it. In a clustered collection it goes over it.
  /// A range that begins with that value is refused.
  private func highest(_ feed: CollectionFeed, _ filter: BSONDocument) throws -> MongoCursor {
    try client.find(
      feed.namespace, filter: ["$and": [["_id": .maxKey], .document(filter)]],
      options: feed.options(DocumentBounds()))
  }

  private func missing(_ feed: Feed, _ names: [String]) -> MigrationError {
    MigrationError(
      .coded(.schema), "the source has no collection \(feed.from)", place: "\(feed.place)",
      remedy: nearest(to: feed.from, in: names).map { "did you mean \($0)?" }
        ?? "correct the name, or let the plan say missing: \"empty\"")
  }
}
