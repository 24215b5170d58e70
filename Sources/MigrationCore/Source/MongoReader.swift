import Mongo
import Postgres

/// Reads from a MongoDB source through one client.
final class MongoReader: RowReader {
  private let client: MongoClient
  private let database: String

  init(_ client: MongoClient, database: String) {
    (self.client, self.database) = (client, database)
  }

  /// The driver connects again by itself.
  var isUsable: Bool { true }
  var cancellable: [Connection] { [] }

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

  func chunks(of feed: FeedWork, size: ChunkSize, limit: Int?) throws -> [PlannedChunk] {
    guard case .collection(let collection) = feed.source else {
      return [PlannedChunk(.everything)]
    }
    return try SourceError.wrapping(collection.namespace.description) {
      try DocumentChunks(feed: collection, client: client, size: size, limit: limit).plan()
    }
  }

  func count(_ source: FeedSource, each: [String]?) throws -> Int {
    guard case .collection(let feed) = source else { return 0 }
    return try SourceError.wrapping(feed.namespace.description) {
      guard let each else { return Int(try client.count(feed.namespace, filter: feed.filter)) }
      return Int(try client.countElements(each, in: feed.namespace, filter: feed.filter))
    }
  }

  func documents(
    of source: FeedSource, idsOnly: Bool, limit: Int?, _ body: (DocumentView) throws -> Void
  ) throws {
    guard case .collection(let feed) = source else { return }
    try SourceError.wrapping(feed.namespace.description) {
      var options = FindOptions(batchSize: idsOnly ? 50_000 : feed.batchSize)
      options.limit = limit.map(Int64.init)
      if idsOnly { (options.projection, options.sort) = (["_id": 1], ["_id": 1]) }
      let cursor = try client.find(feed.namespace, options: options)
      while let batch = try cursor.nextBatch() { try batch.forEach(body) }
    }
  }

  func read(
    _ feed: FeedWork, _ part: FeedPart, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard case .collection(let collection) = feed.source else { return }
    try SourceError.wrapping(collection.namespace.description) {
      let cursor = try cursor(collection, part)
      while let batch = try cursor.nextBatch() {
        try batch.forEach { try body($0.bytes) }
      }
    }
  }

  private func cursor(_ feed: CollectionFeed, _ part: FeedPart) throws -> MongoCursor {
    var (bounds, filter) = (DocumentBounds(), feed.filter)
    switch part {
    case .chunk(let range): bounds = try DocumentBounds(range)
    case .all: break
    case .first(let count):
      var options = FindOptions(batchSize: feed.batchSize)
      options.limit = Int64(count)
      return try client.find(feed.namespace, filter: filter, options: options)
    case .keys(let keys): filter = DocumentFilter.ids(keys.compactMap(DocumentID.kept))
    case .typed(let texts): filter = DocumentFilter.ids(texts.flatMap(DocumentID.typed))
    case .sample(let count):
      filter = try DocumentSampling(feed: feed, client: client, count: count).filter()
    case .matching(let condition):
      throw MigrationError(.failed, "a condition in SQL finds no documents", place: condition)
    }
    guard feed.hasIndex else {
      var options = FindOptions(batchSize: feed.batchSize)
      options.allowDiskUse = true
      return try client.aggregate(
        feed.namespace, pipeline: feed.stages(bounds, filter: filter), options: options)
    }
    return try client.find(feed.namespace, filter: filter, options: feed.options(bounds))
  }

  private func missing(_ feed: Feed, _ names: [String]) -> MigrationError {
    MigrationError(
      .coded(.schema), "the source has no collection \(feed.from)", place: "\(feed.place)",
      remedy: nearest(to: feed.from, in: names).map { "did you mean \($0)?" }
        ?? "correct the name, or let the plan say missing: \"empty\"")
  }
}

// What is to be known of a collection before it is read.
extension MongoReader {
  private func describe(
    _ namespace: MongoNamespace, _ info: MongoCollectionInfo, _ filter: BSONDocument
  ) throws -> CollectionFeed {
    let hasIndex =
      try info.kind == .collection
      && client.indexes(of: namespace).contains { $0.name == "_id_" }
    let sizes = hasIndex ? try client.sizes(of: namespace) : nil
    let count = try sizes?.documentCount ?? client.estimatedCount(namespace)
    return CollectionFeed(
      namespace: namespace, filter: filter, hasIndex: hasIndex,
      hasOnlyObjectIDs: hasIndex ? try hasOnlyObjectIDs(namespace) : false,
      documentBytes: Int(sizes?.averageDocumentBytes ?? 1024), documentCount: Int(count))
  }

  /// The index orders ids by type first: if both ends are ObjectIds, so is all between.
  private func hasOnlyObjectIDs(_ namespace: MongoNamespace) throws -> Bool {
    for direction in [1, -1] {
      var options = FindOptions(
        batchSize: 1, sort: ["_id": BSONValue(direction)], hint: ["_id": 1])
      options.projection = ["_id": 1]
      options.limit = 1
      let cursor = try client.find(namespace, options: options)
      guard try cursor.advance() else { continue }
      let id = try cursor.withDocument { try $0.copy() }?["_id"]
      guard id?.objectIDValue != nil else { return false }
    }
    return true
  }
}
