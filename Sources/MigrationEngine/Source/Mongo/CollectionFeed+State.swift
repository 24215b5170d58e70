import MigrationLedger
import Mongo

// What shows that a collection was written to while it was read.
extension CollectionFeed {
  func state(_ client: MongoClient) throws -> CollectionState? {
    // A view would have to be run to its end.
    guard hasIndex else { return nil }
    return CollectionState(
      documents: Int(try client.estimatedCount(namespace)), time: try client.operationTime())
  }

  func change(since before: SourceState, through reader: MongoReader) throws -> String? {
    guard let before = CollectionState(before),
      let now = try SourceError.wrapping(namespace.description, { try state(reader.client) })
    else { return nil }
    let name = namespace.collection
    if now.documents != before.documents {
      return "\(name) had \(before.documents) documents when it was cut into chunks, "
        + "and \(now.documents) when they were loaded"
    }
    guard let time = before.time, hasWrites(since: time, reader.client) else {
      return nil
    }
    return "\(name) was written to while it was read"
  }

  /// Looks into the replica set's log of operations, as far as the user may.
  private func hasWrites(since time: BSONTimestamp, _ client: MongoClient) -> Bool {
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
