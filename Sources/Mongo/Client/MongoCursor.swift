import CMongoDriver

/// The documents of a query, fetched batch by batch.
///
/// It sends `getMore` itself rather than through the driver's cursor, so that a batch is one
/// buffer that can be walked in place or handed on whole. An end is distinguished from a failure:
/// a cursor that failed throws the same error at every later call. Dropping the cursor before its
/// end closes it on the server.
public final class MongoCursor {
  private enum State {
    case open(id: Int64)
    case exhausted
    case failed(MongoError)
  }

  private let client: ClientHandle
  private let server: SelectedServer
  private let session: MongoSession
  private let batchSize: Int32?
  private let operation: String
  private let namespace: MongoNamespace
  private var state: State
  private var waiting: MongoBatch?
  private var batch: MongoBatch?
  private var reader: BatchReader?
  private var current: DocumentView?

  /// Runs a command that answers with a cursor.
  init(
    _ client: ClientHandle, _ command: BSONDocument, on namespace: MongoNamespace,
    preference: ReadPreference?, batchSize: Int32? = nil, session: MongoSession? = nil,
    operation: String
  ) throws(MongoError) {
    self.client = client
    self.batchSize = batchSize
    self.operation = operation
    // The server accepts a getMore only on the server of the cursor, and in the session that made it.
    server = try client.selectServer(preference, operation: operation)
    if let session { self.session = session } else { self.session = try MongoSession(client) }
    let reply = try client.run(
      command, on: namespace.database, preference: preference, server: server,
      session: self.session, operation: operation)
    let first = try MongoBatch(reply, operation: operation)
    self.namespace = first.namespace.flatMap(MongoNamespace.init) ?? namespace
    state = first.cursorID == 0 ? .exhausted : .open(id: first.cursorID)
    waiting = first
  }

  deinit {
    guard case .open(let id) = state else { return }
    let kill: BSONDocument = [
      "killCursors": BSONValue(namespace.collection), "cursors": [.int64(id)],
    ]
    // A failure has no receiver any more; the server forgets idle cursors on its own.
    _ = try? client.run(
      kill, on: namespace.database, preference: nil, server: server, session: session,
      operation: "killCursors")
  }

  /// Returns the next batch, nil at the end. Batches may be empty.
  public func nextBatch() throws(MongoError) -> MongoBatch? {
    if let first = waiting {
      waiting = nil
      return first
    }
    switch state {
    case .exhausted: return nil
    case .failed(let error): throw error
    case .open(let id): return try fetch(id)
    }
  }

  /// Goes to the next document, and says whether there is one: false is the true end.
  public func advance() throws(MongoError) -> Bool {
    current = nil
    while true {
      if let document = try nextInBatch() {
        current = document
        return true
      }
      // The reader points into the batch, so it goes first.
      reader = nil
      batch = try nextBatch()
      guard let batch else { return false }
      do {
        reader = try batch.start()
      } catch {
        throw fail(with: error)
      }
    }
  }

  /// Lends the document that `advance` went to; nil before the first and after the last.
  ///
  /// - Warning: The view ends with the closure.
  public func withDocument<R, E: Error>(_ body: (DocumentView) throws(E) -> R) throws(E) -> R? {
    guard let current else { return nil }
    return try body(current)
  }

  /// Lends every document that is left, in turn.
  public func forEach(_ body: (DocumentView) throws -> Void) throws {
    while try advance() { try withDocument(body) }
  }

  private func nextInBatch() throws(MongoError) -> DocumentView? {
    do {
      return try reader?.next()
    } catch {
      throw fail(with: error)
    }
  }

  private func fetch(_ id: Int64) throws(MongoError) -> MongoBatch {
    var command = BSONBuilder()
    command.append("getMore", .int64(id))
    command.append("collection", BSONValue(namespace.collection))
    if let batchSize { command.append("batchSize", .int32(batchSize)) }
    do {
      let reply = try client.run(
        command.document, on: namespace.database, preference: nil, server: server,
        session: session, operation: operation)
      let next = try MongoBatch(reply, operation: operation)
      state = next.cursorID == 0 ? .exhausted : .open(id: next.cursorID)
      return next
    } catch {
      state = .failed(error)
      throw error
    }
  }

  private func fail(with damage: BSONError) -> MongoError {
    let error = MongoError.damagedReply("\(damage)", operation: operation)
    reader = nil
    state = .failed(error)
    return error
  }
}
