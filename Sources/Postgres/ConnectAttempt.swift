import CPostgres
import Glibc

/// One try at one address, up to a session or a reason.
///
/// It takes down what can be known only on the way (phase, errno, the answer to
/// the request for TLS), because afterwards libpq has nothing left but a text.
struct ConnectAttempt {
  /// What was seen on the way.
  struct Trace {
    var phase = Phase.preparing
    var socketError: Int32 = 0
    var tlsAnswer: UInt8?
    /// Whether the server had something to say when libpq looked last, not the end of the stream.
    var hasAnswer = false
  }

  enum Phase: String {
    case preparing = "preparing the connection"
    case connecting = "connecting"
    case negotiatingTLS = "negotiating TLS"
    case awaitingAnswer = "waiting for the server's answer"
    case checkingRole = "asking for the server's role"
  }

  let settings: [String: String]
  let server: ConnectPlan.Server
  let sslMode: String
  let secret: String?
  let deadline: Deadline

  /// Returns a connection that the caller owns.
  func run() throws(PostgresError) -> OpaquePointer {
    guard let connection = LibpqHandle.startConnecting(settings) else {
      throw .outOfMemory(.connect)
    }
    // From here on messages carry the SQLSTATE, the only way that libpq reports it.
    PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
    do throws(PostgresError) {
      try complete(connection)
      return connection
    } catch {
      PQfinish(connection)
      throw error
    }
  }

  private func complete(_ connection: OpaquePointer) throws(PostgresError) {
    var trace = Trace()
    if PQstatus(connection) == CONNECTION_BAD {
      if server.isLocal { trace.socketError = Polling.unixConnectError(path: server.name) }
      throw failure(connection, trace)
    }
    trace.phase = .connecting
    var direction = Polling.Direction.writing
    while true {
      guard Polling.wait(for: PQsocket(connection), direction, until: deadline) == .ready else {
        throw timeout(trace)
      }
      try observe(connection, &trace)
      switch PQconnectPoll(connection) {
      case PGRES_POLLING_READING: direction = .reading
      case PGRES_POLLING_WRITING: direction = .writing
      case PGRES_POLLING_OK: return
      default: throw failure(connection, trace)
      }
    }
  }

  /// Notes where libpq is before it continues and clears the traces.
  private func observe(_ connection: OpaquePointer, _ trace: inout Trace) throws(PostgresError) {
    trace.phase = Phase(PQstatus(connection))
    if trace.phase == .connecting {
      trace.socketError = Polling.takeSocketError(PQsocket(connection))
      if trace.socketError != 0 { throw failure(connection, trace) }
    }
    // The first byte from the server answers the request for TLS: S yes, N no.
    // https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
    let nextByte = Polling.peekByte(PQsocket(connection))
    trace.hasAnswer = nextByte != nil
    if trace.phase == .negotiatingTLS, PQsslInUse(connection) == 0, trace.tlsAnswer == nil {
      trace.tlsAnswer = nextByte
    }
  }

  private func timeout(_ trace: Trace) -> PostgresError {
    PostgresError(
      .connect, .connect(.timedOut), "\(server.name): timed out while \(trace.phase.rawValue)")
  }
}

extension ConnectAttempt.Phase {
  init(_ status: ConnStatusType) {
    switch status {
    case CONNECTION_STARTED, CONNECTION_NEEDED: self = .connecting
    case CONNECTION_SSL_STARTUP, CONNECTION_GSS_STARTUP: self = .negotiatingTLS
    case CONNECTION_CHECK_WRITABLE, CONNECTION_CHECK_TARGET, CONNECTION_CHECK_STANDBY,
      CONNECTION_CONSUME:
      self = .checkingRole
    default: self = .awaitingAnswer
    }
  }
}
