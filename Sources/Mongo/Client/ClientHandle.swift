import CMongo
import CMongoDriver

/// Owns one `mongoc_client_t`, which one thread at a time may use.
///
/// Sessions and cursors keep their client's handle, so that the client goes last.
final class ClientHandle {
  let pointer: OpaquePointer
  let observer: ConnectionObserver

  /// Makes a client without connecting; only the names of `mongodb+srv://` are looked up.
  init(_ url: MongoURL, observer: ConnectionObserver) throws(MongoError) {
    MongoLibrary.start()
    var error = bson_error_t()
    let made = url.withPointer { mongoc_client_new_from_uri_with_error($0, &error) }
    guard let made else { throw MongoError(error, operation: "connect") }
    // Version 2 distinguishes the server's codes from the driver's by a domain of their own.
    mongoc_client_set_error_api(made, MONGOC_ERROR_API_VERSION_2)
    // TLS finds damaged bytes on its own; without it the driver would believe them.
    if !url.usesTLS { cmongo_guard_replies(made) }
    pointer = made
    self.observer = observer
    observer.attach(to: made)
  }

  deinit { mongoc_client_destroy(pointer) }

  /// Chooses a server, which is where the driver connects.
  func selectServer(
    forWrites: Bool = false, _ preference: ReadPreference?, operation: String
  ) throws(MongoError) -> SelectedServer {
    var error = bson_error_t()
    let found = withReadPreference(preference) {
      mongoc_client_select_server(pointer, forWrites, forWrites ? nil : $0, &error)
    }
    guard let found else { throw MongoError(error, operation: operation) }
    defer { mongoc_server_description_destroy(found) }
    return SelectedServer(
      id: mongoc_server_description_id(found),
      name: HostList.name(mongoc_server_description_host(found)))
  }

  /// Runs a command and returns the server's reply.
  ///
  /// - Parameter preference: nil takes the one in the URL, with its tags and staleness.
  func run(
    _ command: BSONDocument, on database: String, preference: ReadPreference?,
    server: SelectedServer? = nil, session: MongoSession? = nil, operation: String
  ) throws(MongoError) -> Reply {
    observer.forgetCommandFailure()
    let options = CommandOptions()
    if let server { options.pin(to: server) }
    if let session { try options.append(session, operation: operation) }
    var error = bson_error_t()
    var succeeded = false
    let reply = Reply { reply in
      succeeded = withReadPreference(preference) { preference in
        command.withBSON {
          mongoc_client_command_with_opts(
            pointer, database, $0, preference, options.pointer, reply, &error)
        }
      }
    }
    guard succeeded else {
      throw MongoError(
        error, labels: reply.errorLabels,
        server: server?.name ?? observer.snapshot.lastCommandFailure?.host, operation: operation)
    }
    return reply
  }

  func withReadPreference<Result>(
    _ choice: ReadPreference?, _ body: (OpaquePointer?) -> Result
  ) -> Result {
    guard let choice else { return body(mongoc_client_get_read_prefs(pointer)) }
    return choice.withPointer { body($0) }
  }
}

/// A server that the driver chose, and by what number it knows it.
struct SelectedServer: Sendable {
  let id: UInt32
  let name: String
}

/// Owns the options of one command.
final class CommandOptions {
  let pointer: OpaquePointer = bson_new()

  deinit { bson_destroy(pointer) }

  func pin(to server: SelectedServer) {
    bson_append_int32(pointer, "serverId", -1, Int32(bitPattern: server.id))
  }

  func append(_ session: MongoSession, operation: String) throws(MongoError) {
    var error = bson_error_t()
    guard mongoc_client_session_append(session.pointer, pointer, &error) else {
      throw MongoError(error, operation: operation)
    }
  }
}
