/// Why a connection could not be made.
///
/// Each case is read from a fact: an errno, an SQLSTATE, the phase in which it
/// ended, the byte with which the server answered the request for TLS. Only
/// `certificateNotTrusted` against `tlsFailed` is distinguished by text, because
/// libpq frees the TLS session, with its verify result, before it returns.
public enum ConnectFailure: Sendable, Hashable {
  /// The machine answers, but nothing listens there.
  case refused
  /// No way to the machine; the value is the errno of the attempt.
  case unreachable(errno: Int32)
  /// The time was up before the server had answered.
  case timedOut
  /// The host name has no address.
  case nameNotResolved
  /// TLS is required here, and the server does not speak it.
  case tlsNotOffered
  /// The server's certificate is not of a trusted authority, or of another host.
  case certificateNotTrusted
  /// The TLS handshake failed for another reason.
  case tlsFailed
  /// The server asks for a password, and there is none.
  case passwordMissing
  /// The server does not let this user in: wrong password, or no rule for it.
  case authentication
  /// The server has no such database.
  case databaseMissing
  /// The server starts up, shuts down or recovers, and accepts no connections yet.
  case startingUp
  /// The server, the database or the user has no connection left.
  case tooManyConnections
  /// The server is up, but not of the kind that `target_session_attrs` asks for.
  case wrongServerRole
  /// Whoever answered hung up without a reason; often not a PostgreSQL server.
  case closedByServer
  /// A setting that values depend on has another value, and the server refuses to change it.
  case settingRefused
  /// A pooler gives each transaction another session of the server.
  case transactionPooler
  /// A connection setting has a value that libpq refuses.
  case invalidSettings
  /// The server refused with another code.
  case server(SQLState)
  /// libpq gave up without telling a reason that can be read.
  case other
}

extension ConnectFailure {
  /// Reads the meaning of a code that the server sent instead of a session.
  init(_ state: SQLState) {
    switch state {
    case .databaseMissing: self = .databaseMissing
    case .cannotConnectNow: self = .startingUp
    case .tooManyConnections: self = .tooManyConnections
    case _ where state.subject == .login: self = .authentication
    default: self = .server(state)
    }
  }

  /// Whether another of several hosts may still take the connection.
  ///
  /// libpq's own rule: a server that refused with a reason has spoken for all,
  /// except one that accepts no connections now.
  var allowsNextHost: Bool {
    switch self {
    case .authentication, .passwordMissing, .databaseMissing, .tooManyConnections,
      .invalidSettings, .server:
      false
    default: true
    }
  }

  /// Whether the same attempt may succeed a little later without a change.
  public var isTransient: Bool {
    switch self {
    case .refused, .unreachable, .timedOut, .startingUp, .tooManyConnections, .closedByServer:
      true
    case .server(let state): state.nature == .transient
    default: false
    }
  }
}
