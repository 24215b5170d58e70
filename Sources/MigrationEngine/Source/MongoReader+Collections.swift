import MigrationRows
import Mongo

// What is to be known of a collection, and its documents as they are.
extension MongoReader {
  func count(_ source: FeedSource, each: [String]?) throws -> Int {
    guard let feed = try source.boundCollection() else { return 0 }
    return try SourceError.wrapping(feed.namespace.description) {
      guard let each else { return Int(try client.count(feed.namespace, filter: feed.filter)) }
      let counted = try client.countElements(each, in: feed.namespace, filter: feed.filter)
      return try counted.map { Int($0) } ?? readElements(each, of: feed)
    }
  }

  /// Counts the elements here, which the server has no expression for.
  private func readElements(_ path: [String], of feed: CollectionFeed) throws -> Int {
    let counter = ElementCounter(path)
    var options = FindOptions(batchSize: feed.batchSize)
    if let root = path.first, !root.contains("."), !root.hasPrefix("$") {
      options.projection = [root: 1]
    }
    let cursor = try client.find(feed.namespace, filter: feed.filter, options: options)
    var count = 0
    while let batch = try cursor.nextBatch() {
      try batch.forEach { count += counter.count($0.bytes) }
    }
    return count
  }

  func views() throws -> [String: [String]] {
    try SourceError.wrapping(database) {
      let views = try client.collections(in: database).filter { $0.kind == .view }
      return Dictionary(
        views.map { view in
          let stages = view.options["pipeline"]?.arrayValue ?? []
          let names = stages.compactMap { $0.documentValue?.first { _ in true }?.key.string }
          let origin = view.options["viewOn"]?.stringValue.map { ["of \($0)"] } ?? []
          return (view.name, origin + names)
        }, uniquingKeysWith: { first, _ in first })
    }
  }

  func documents(
    of source: FeedSource, idsOnly: Bool, limit: Int?, _ body: (DocumentView) throws -> Void
  ) throws {
    guard let feed = try source.boundCollection() else { return }
    try SourceError.wrapping(feed.namespace.description) {
      var options = FindOptions(batchSize: idsOnly ? 50_000 : feed.batchSize)
      options.limit = limit.map(Int64.init)
      if idsOnly { (options.projection, options.sort) = (["_id": 1], ["_id": 1]) }
      let cursor = try client.find(feed.namespace, filter: feed.filter, options: options)
      while let batch = try cursor.nextBatch() { try batch.forEach(body) }
    }
  }

  func describe(
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
