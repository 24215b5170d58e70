import CMongoDriver

extension MongoClient {
  /// Inserts documents in their order, as many to a message as the server takes.
  ///
  /// The bytes go as they are; only a document without `_id` gets one from the driver.
  /// - Throws: at the first document that is refused; those before it are in.
  public func insert(
    _ documents: some Sequence<BSONDocument>, into namespace: MongoNamespace
  ) throws(MongoError) {
    let operation = "insert \(namespace)"
    let bulk = try BulkInsert(handle, namespace, operation: operation)
    var count = 0
    for document in documents {
      try bulk.append(document)
      count += 1
    }
    if count > 0 { try bulk.execute() }
  }

  /// Creates a collection, or a view with `viewOn` and `pipeline`.
  public func createCollection(
    _ namespace: MongoNamespace, options: BSONDocument = [:]
  ) throws(MongoError) {
    var command = BSONBuilder()
    command.append("create", BSONValue(namespace.collection))
    for option in options { command.append(option.key, option.value) }
    _ = try runCommand(command.document, on: namespace.database, readPreference: .primary)
  }

  /// Creates an index.
  public func createIndex(
    on namespace: MongoNamespace, name: String, keys: BSONDocument, unique: Bool = false
  ) throws(MongoError) {
    let index: BSONDocument = [
      "key": .document(keys), "name": BSONValue(name), "unique": .bool(unique),
    ]
    _ = try runCommand(
      ["createIndexes": BSONValue(namespace.collection), "indexes": [.document(index)]],
      on: namespace.database, readPreference: .primary)
  }

  /// Drops a collection or view; it is no error when there is none.
  public func drop(_ namespace: MongoNamespace) throws(MongoError) {
    do throws(MongoError) {
      _ = try runCommand(
        ["drop": BSONValue(namespace.collection)], on: namespace.database,
        readPreference: .primary)
    } catch {
      guard error.code == .namespaceNotFound else { throw error }
    }
  }

  /// Drops a database; it is no error when there is none.
  public func dropDatabase(_ database: String) throws(MongoError) {
    _ = try runCommand(["dropDatabase": 1], on: database, readPreference: .primary)
  }
}

/// Owns one ordered bulk of inserts.
private final class BulkInsert {
  private let client: ClientHandle
  private let collection: OpaquePointer
  private let bulk: OpaquePointer
  private let operation: String

  init(
    _ client: ClientHandle, _ namespace: MongoNamespace, operation: String
  ) throws(MongoError) {
    self.client = client
    self.operation = operation
    collection = mongoc_client_get_collection(
      client.pointer, namespace.database, namespace.collection)
    bulk = mongoc_collection_create_bulk_operation_with_opts(collection, nil)
  }

  deinit {
    mongoc_bulk_operation_destroy(bulk)
    mongoc_collection_destroy(collection)
  }

  /// Copies a document into the bulk, without the driver's own opinion of its field names.
  func append(_ document: BSONDocument) throws(MongoError) {
    let options: BSONDocument = ["validate": false]
    var error = bson_error_t()
    let accepted = document.withBSON { document in
      options.withBSON {
        mongoc_bulk_operation_insert_with_opts(bulk, document, $0, &error)
      }
    }
    guard accepted else { throw MongoError(error, operation: operation) }
  }

  func execute() throws(MongoError) {
    var error = bson_error_t()
    var server: UInt32 = 0
    let reply = Reply { server = mongoc_bulk_operation_execute(bulk, $0, &error) }
    guard server == 0 else { return }
    throw MongoError(
      error, labels: reply.errorLabels,
      server: client.observer.snapshot.lastCommandFailure?.host, operation: operation)
  }
}
