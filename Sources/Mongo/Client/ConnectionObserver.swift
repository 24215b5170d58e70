import CMongoDriver
import Synchronization

/// Remembers what the driver's monitoring reports, so that a failure is known by its codes.
///
/// The driver calls back on the thread that uses the client; another may read at the same time
/// when it gave up waiting, hence the lock.
final class ConnectionObserver: Sendable {
  /// What a server said in its last answer to `hello`.
  struct Answer: Sendable {
    var setName: String?
    var isReplicaSetMember = false
    var role = ServerFacts.Role.otherMember
    /// The member's tags as `name=value`; nil if it has none.
    var tags: String?
  }

  /// A failure with the driver's domain and code, its text kept for people only.
  struct Failure: Sendable {
    var domain: UInt32
    var code: UInt32
    var text: String
  }

  struct CommandFailure: Sendable {
    var command: String
    var host: String
    var failure: Failure
  }

  struct State: Sendable {
    var answers: [String: Answer] = [:]
    var heartbeatFailures: [String: Failure] = [:]
    var lastCommandFailure: CommandFailure?
  }

  private let state = Mutex(State())

  var snapshot: State { state.withLock { $0 } }

  /// Forgets the last failed command, so that the next one is known to be new.
  func forgetCommandFailure() { state.withLock { $0.lastCommandFailure = nil } }

  /// Has a client report here; the observer must live longer than the client.
  func attach(to client: OpaquePointer) {
    let callbacks: OpaquePointer = mongoc_apm_callbacks_new()
    defer { mongoc_apm_callbacks_destroy(callbacks) }
    mongoc_apm_set_server_heartbeat_succeeded_cb(callbacks) { event in
      guard let event, let reply = mongoc_apm_server_heartbeat_succeeded_get_reply(event),
        let host = mongoc_apm_server_heartbeat_succeeded_get_host(event)
      else { return }
      ConnectionObserver.from(mongoc_apm_server_heartbeat_succeeded_get_context(event))?
        .answered(HostList.name(host), Reply.bytes(of: reply))
    }
    mongoc_apm_set_server_heartbeat_failed_cb(callbacks) { event in
      guard let event, let host = mongoc_apm_server_heartbeat_failed_get_host(event) else {
        return
      }
      var error = bson_error_t()
      mongoc_apm_server_heartbeat_failed_get_error(event, &error)
      ConnectionObserver.from(mongoc_apm_server_heartbeat_failed_get_context(event))?
        .heartbeatFailed(HostList.name(host), Failure(error))
    }
    mongoc_apm_set_command_failed_cb(callbacks) { event in
      guard let event, let host = mongoc_apm_command_failed_get_host(event) else { return }
      var error = bson_error_t()
      mongoc_apm_command_failed_get_error(event, &error)
      let failed = CommandFailure(
        command: String(cString: mongoc_apm_command_failed_get_command_name(event)),
        host: HostList.name(host), failure: Failure(error))
      ConnectionObserver.from(mongoc_apm_command_failed_get_context(event))?.failed(failed)
    }
    let context = Unmanaged.passUnretained(self).toOpaque()
    mongoc_client_set_apm_callbacks(client, callbacks, context)
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> ConnectionObserver? {
    context.map { Unmanaged<ConnectionObserver>.fromOpaque($0).takeUnretainedValue() }
  }

  private func answered(_ host: String, _ reply: UnsafeRawBufferPointer) {
    guard let document = try? BSONDocument(copying: reply) else { return }
    // A member that was never initiated has no set name and says only "isreplicaset".
    let isMember = document["isreplicaset"]?.boolValue == true
    let setName = document["setName"]?.stringValue
    state.withLock {
      $0.heartbeatFailures[host] = nil
      $0.answers[host] = Answer(
        setName: setName, isReplicaSetMember: isMember || setName != nil,
        role: Hello(reply: document).role,
        tags: document["tags"]?.documentValue.flatMap(\.tagText))
    }
  }

  private func heartbeatFailed(_ host: String, _ failure: Failure) {
    state.withLock {
      $0.answers[host] = nil
      $0.heartbeatFailures[host] = failure
    }
  }

  private func failed(_ failure: CommandFailure) {
    state.withLock { $0.lastCommandFailure = failure }
  }
}

extension ConnectionObserver.Failure {
  init(_ error: bson_error_t) {
    self.init(domain: error.domain, code: error.code, text: MongoError.text(of: error))
  }

  /// Whether the connection broke, as opposed to the server saying no.
  var isNetworkFailure: Bool { domain == MongoError.Domain.stream.rawValue }
}
