import MigrationLedger
import Mongo

extension RowReader {
  /// Only what chunks are cut of may change under them.
  package func state(of source: FeedSource) throws -> SourceState? { nil }
  package func change(of source: FeedSource, since before: SourceState) throws -> String? { nil }

  /// The keys of chunks stay what they are.
  package func misfit(of source: FeedSource, since before: SourceState, isLater: Bool) throws
    -> String?
  {
    nil
  }

  /// Where rows have keys, a row that comes later into the range of a chunk is a new one.
  package func misfit(of source: FeedSource, since before: SourceState, done: [ChunkRecord]) throws
    -> String?
  {
    nil
  }
}

extension DumpReader {
  func state(of source: FeedSource) throws -> SourceState? {
    guard case .dump(let feed) = source else { return nil }
    return try SourceError.wrapping(dump.path) { try feed.state().map(SourceState.dump) }
  }

  func misfit(of source: FeedSource, since before: SourceState, isLater: Bool) throws -> String? {
    guard case .dump(let before) = before else { return nil }
    guard case .dump(let feed) = source else { return "the dump has no such collection any more" }
    return try SourceError.wrapping(dump.path) { try feed.replacement(since: before) }
  }
}

extension MongoReader {
  func state(of source: FeedSource) throws -> SourceState? {
    // A view would have to be run to its end.
    guard case .collection(let collection) = source, collection.hasIndex else { return nil }
    return try SourceError.wrapping(collection.namespace.description) {
      .collection(
        CollectionState(
          documents: Int(try client.estimatedCount(collection.namespace)),
          time: try client.operationTime()))
    }
  }

  func change(of source: FeedSource, since before: SourceState) throws -> String? {
    guard case .collection(let collection) = source, case .collection(let before) = before,
      case .collection(let now)? = try state(of: source)
    else { return nil }
    let name = collection.namespace.collection
    if now.documents != before.documents {
      return "\(name) had \(before.documents) documents when it was cut into chunks, "
        + "and \(now.documents) when they were loaded"
    }
    guard let time = before.time, hasWrites(to: collection.namespace, since: time) else {
      return nil
    }
    return "\(name) was written to while it was read"
  }

  /// Looks into the replica set's log of operations, as far as the user may.
  private func hasWrites(to namespace: MongoNamespace, since time: BSONTimestamp) -> Bool {
    let name = BSONValue(namespace.description)
    var options = FindOptions(batchSize: 1)
    options.limit = 1
    options.maxTime = .seconds(5)
    let cursor = try? client.find(
      MongoNamespace(database: "local", collection: "oplog.rs"),
      filter: ["ts": ["$gt": .timestamp(time)], "$or": [["ns": name], ["o.applyOps.ns": name]]],
      options: options)
    return (try? cursor?.advance()) ?? false
  }
}
