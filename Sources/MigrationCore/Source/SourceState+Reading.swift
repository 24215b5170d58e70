import Mongo

extension RowReader {
  /// A snapshot and a file do not change.
  func state(of source: FeedSource) throws -> SourceState? { nil }
  func change(of source: FeedSource, since before: SourceState) throws -> String? { nil }
}

extension MongoReader {
  func state(of source: FeedSource) throws -> SourceState? {
    // A view would have to be run to its end.
    guard case .collection(let collection) = source, collection.hasIndex else { return nil }
    return try SourceError.wrapping(collection.namespace.description) {
      SourceState(
        documents: Int(try client.estimatedCount(collection.namespace)),
        time: try client.operationTime())
    }
  }

  func change(of source: FeedSource, since before: SourceState) throws -> String? {
    guard case .collection(let collection) = source, let now = try state(of: source) else {
      return nil
    }
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
