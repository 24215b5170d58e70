import CMongoDriver

/// A session on the server; cursors and their `getMore` must share one.
public final class MongoSession {
  let pointer: OpaquePointer
  private let client: ClientHandle

  /// Starts a session.
  ///
  /// - Parameter snapshot: every read sees the data of the moment of the first one. Needs MongoDB
  ///   5.0, and lasts as long as the server keeps history, five minutes by default.
  init(_ client: ClientHandle, snapshot: Bool = false) throws(MongoError) {
    let options: OpaquePointer = mongoc_session_opts_new()
    defer { mongoc_session_opts_destroy(options) }
    mongoc_session_opts_set_causal_consistency(options, false)
    if snapshot { mongoc_session_opts_set_snapshot(options, true) }
    var error = bson_error_t()
    guard let started = mongoc_client_start_session(client.pointer, options, &error) else {
      throw MongoError(error, operation: "startSession")
    }
    pointer = started
    self.client = client
  }

  deinit { mongoc_client_session_destroy(pointer) }
}
