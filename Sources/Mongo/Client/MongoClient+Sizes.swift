/// How large a collection or database is.
public struct MongoSizes: Sendable, Hashable {
  public let documentCount: Int64
  /// The documents, uncompressed.
  public let dataBytes: Int64
  /// What the documents take on disk.
  public let storageBytes: Int64
  public let indexBytes: Int64

  public var averageDocumentBytes: Int64 {
    documentCount == 0 ? 0 : dataBytes / documentCount
  }
}

extension MongoClient {
  /// Counts from the collection's metadata, at once; after a crash of the server it can be off.
  ///
  /// A view has no metadata: the server runs it to the end and counts.
  public func estimatedCount(_ namespace: MongoNamespace) throws(MongoError) -> Int64 {
    let reply = try runCommand(
      ["count": BSONValue(namespace.collection)], on: namespace.database)
    return try Self.number(reply["n"], "count \(namespace)")
  }

  /// Counts the elements of the arrays that a path leads to, through arrays on the way, in all
  /// documents that match; a value that is no array counts as one, null and a missing value as none.
  ///
  /// - Returns: nil if the server can't count them: numbers of elements and names with dots stand
  ///   for no fields in its expressions, and arrays that are in arrays on the way take a recursion.
  public func countElements(
    _ path: [String], in namespace: MongoNamespace, filter: BSONDocument = [:]
  ) throws(MongoError) -> Int64? {
    guard let root = path.first, path.allSatisfy(ElementCount.isFieldName) else { return nil }
    let number = ElementCount.expression("$" + root, path.dropFirst())
    let pipeline: [BSONDocument] = [
      ["$match": .document(filter)], ["$group": ["_id": nil, "n": ["$sum": number]]],
    ]
    let cursor = try aggregate(namespace, pipeline: pipeline)
    guard let group = try all(cursor, operation: "count \(namespace)").first else { return 0 }
    if case .double(let sum)? = group["n"], sum.isNaN { return nil }
    return try Self.number(group["n"], "count \(namespace)")
  }

  /// Counts by looking at every document that matches.
  public func count(
    _ namespace: MongoNamespace, filter: BSONDocument = [:], options: FindOptions = FindOptions(),
    session: MongoSession? = nil
  ) throws(MongoError) -> Int64 {
    let pipeline: [BSONDocument] = [
      ["$match": .document(filter)], ["$group": ["_id": nil, "n": ["$sum": .int64(1)]]],
    ]
    let cursor = try aggregate(
      namespace, pipeline: pipeline, options: options, session: session)
    // No group comes out of no documents.
    guard let group = try all(cursor, operation: "count \(namespace)").first else { return 0 }
    return try Self.number(group["n"], "count \(namespace)")
  }

  /// Asks for the sizes of a collection, added up over the shards; nil for a view.
  ///
  /// - Throws: `namespaceNotFound` for a collection that is not there.
  public func sizes(of namespace: MongoNamespace) throws(MongoError) -> MongoSizes? {
    do throws(MongoError) {
      let cursor = try aggregate(
        namespace, pipeline: [["$collStats": ["storageStats": [:]]]])
      return Self.sum(try all(cursor, operation: "collStats \(namespace)"))
    } catch {
      guard error.code == .commandNotSupportedOnView else { throw error }
      return nil
    }
  }

  /// Asks for the sizes of a database; all zero for one that is not there.
  public func sizes(ofDatabase database: String) throws(MongoError) -> MongoSizes {
    let reply = try runCommand(["dbStats": 1], on: database)
    return MongoSizes(
      documentCount: reply["objects"]?.int64Value ?? 0,
      dataBytes: reply["dataSize"]?.int64Value ?? 0,
      storageBytes: reply["storageSize"]?.int64Value ?? 0,
      indexBytes: reply["indexSize"]?.int64Value ?? 0)
  }

  private static func sum(_ shards: [BSONDocument]) -> MongoSizes {
    let stats = shards.compactMap { $0["storageStats"]?.documentValue }
    func total(_ key: String) -> Int64 { stats.reduce(0) { $0 + ($1[key]?.int64Value ?? 0) } }
    return MongoSizes(
      documentCount: total("count"), dataBytes: total("size"),
      storageBytes: total("storageSize"), indexBytes: total("totalIndexSize"))
  }

  private static func number(
    _ value: BSONValue?, _ operation: String
  ) throws(MongoError) -> Int64 {
    guard let number = value?.int64Value else {
      throw MongoError.damagedReply("no number", operation: operation)
    }
    return number
  }
}
