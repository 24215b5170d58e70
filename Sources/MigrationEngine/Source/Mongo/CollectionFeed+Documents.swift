import MigrationRows
import Mongo

// The documents of a collection as they are, and how many there are.
extension CollectionFeed {
  func count(each: [String]?, through reader: MongoReader) throws -> Int {
    let client = reader.client
    return try SourceError.wrapping(namespace.description) {
      guard let each else { return Int(try client.count(namespace, filter: filter)) }
      let counted = try client.countElements(each, in: namespace, filter: filter)
      return try counted.map { Int($0) } ?? readElements(each, client)
    }
  }

  /// Counts the elements here, which the server has no expression for.
  private func readElements(_ path: [String], _ client: MongoClient) throws -> Int {
    let counter = ElementCounter(path)
    var options = FindOptions(batchSize: batchSize)
    if let root = path.first, !root.contains("."), !root.hasPrefix("$") {
      options.projection = [root: 1]
    }
    let cursor = try client.find(namespace, filter: filter, options: options)
    var count = 0
    while let batch = try cursor.nextBatch() {
      try batch.forEach { count += counter.count($0.bytes) }
    }
    return count
  }

  func documents(
    idsOnly: Bool, limit: Int?, through reader: MongoReader,
    _ body: (DocumentView) throws -> Void
  ) throws {
    try SourceError.wrapping(namespace.description) {
      var options = FindOptions(batchSize: idsOnly ? 50_000 : batchSize)
      options.limit = limit.map(Int64.init)
      if idsOnly { (options.projection, options.sort) = (["_id": 1], ["_id": 1]) }
      let cursor = try reader.client.find(namespace, filter: filter, options: options)
      while let batch = try cursor.nextBatch() { try batch.forEach(body) }
    }
  }
}
