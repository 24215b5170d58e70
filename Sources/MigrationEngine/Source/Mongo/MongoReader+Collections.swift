import Mongo

// What is to be known of collections and views.
extension MongoReader {
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
