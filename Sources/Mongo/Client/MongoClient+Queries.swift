extension MongoClient {
  /// Finds documents.
  public func find(
    _ namespace: MongoNamespace, filter: BSONDocument = [:], options: FindOptions = FindOptions(),
    session: MongoSession? = nil
  ) throws(MongoError) -> MongoCursor {
    var command = BSONBuilder()
    command.append("find", BSONValue(namespace.collection))
    command.append("filter", .document(filter))
    options.appendFind(to: &command)
    return try cursor(
      command, on: namespace, options: options, session: session, operation: "find")
  }

  /// Runs an aggregation over a collection or view.
  public func aggregate(
    _ namespace: MongoNamespace, pipeline: [BSONDocument],
    options: FindOptions = FindOptions(), session: MongoSession? = nil
  ) throws(MongoError) -> MongoCursor {
    try aggregate(
      BSONValue(namespace.collection), on: namespace, pipeline, options: options,
      session: session)
  }

  /// Runs an aggregation that starts from no collection, such as `$currentOp` on `admin`.
  public func aggregate(
    onDatabase database: String, pipeline: [BSONDocument],
    options: FindOptions = FindOptions(), session: MongoSession? = nil
  ) throws(MongoError) -> MongoCursor {
    try aggregate(
      1, on: MongoNamespace(database: database, collection: "$cmd.aggregate"), pipeline,
      options: options, session: session)
  }

  private func aggregate(
    _ target: BSONValue, on namespace: MongoNamespace, _ pipeline: [BSONDocument],
    options: FindOptions, session: MongoSession?
  ) throws(MongoError) -> MongoCursor {
    var command = BSONBuilder()
    command.append("aggregate", target)
    command.append("pipeline", .array(BSONArray(pipeline.map(BSONValue.document))))
    options.appendAggregate(to: &command)
    return try cursor(
      command, on: namespace, options: options, session: session, operation: "aggregate")
  }

  private func cursor(
    _ command: BSONBuilder, on namespace: MongoNamespace, options: FindOptions,
    session: MongoSession?, operation: String
  ) throws(MongoError) -> MongoCursor {
    var command = command
    options.appendCommon(to: &command, default: url.readConcern)
    return try MongoCursor(
      handle, command.document, on: namespace, preference: options.readPreference,
      batchSize: options.batchSize, session: session, operation: "\(operation) \(namespace)")
  }

  /// Collects the few documents of a cursor.
  func all(_ cursor: MongoCursor, operation: String) throws(MongoError) -> [BSONDocument] {
    var documents: [BSONDocument] = []
    while try cursor.advance() {
      do {
        if let document = try cursor.withDocument({ view throws(BSONError) in try view.copy() }) {
          documents.append(document)
        }
      } catch {
        throw MongoError.damagedReply("\(error)", operation: operation)
      }
    }
    return documents
  }
}
