import MigrationBasics
import Postgres

extension MigrationError {
  /// Words a PostgreSQL connection that could not be made, or that broke.
  ///
  /// - Parameter setting: the setting that the URL came from.
  package init(connecting error: PostgresError, to url: DatabaseURL, setting: String) {
    let code = error.sqlState.map { " (SQLSTATE \($0.code))" } ?? ""
    guard case .connect(let failure) = error.kind else {
      self.init(
        .coded(.connection), error.message + code, reason: "server", place: url.redacted,
        remedy: "see the server's log")
      return
    }
    if let refused = MigrationError(session: error, place: url.redacted) {
      self = refused
      return
    }
    let told = failure.told(url: url, setting: setting, message: error.message)
    self.init(
      .coded(.connection), told.what + code, reason: told.reason, place: url.redacted,
      remedy: told.remedy)
  }
}

extension MigrationError {
  /// Words a session that was made and can't be worked with; nil for any other failure.
  public init?(session error: PostgresError, place: String?) {
    switch error.kind {
    case .connect(.settingRefused):
      self.init(
        .configuration, error.message, reason: "sessionSetting", place: place, remedy: error.hint)
    case .connect(.transactionPooler):
      self.init(
        .configuration, error.message, reason: "transactionPooler", place: place,
        remedy: error.hint)
    default: return nil
    }
  }
}

/// The word, the sentence and the advice for one kind of failure.
private struct FailureText {
  let reason: String
  let what: String
  let remedy: String
}

extension ConnectFailure {
  fileprivate func told(url: DatabaseURL, setting: String, message: String) -> FailureText {
    let server = url.serverText
    let user = url.user.map { "user \"\($0)\"" } ?? "this user"
    switch self {
    case .refused:
      return FailureText(
        reason: "refused", what: "could not connect to \(server): connection refused",
        remedy: "check host and port in \(setting), and that the server is running")
    case .unreachable(let code):
      return FailureText(
        reason: "unreachable", what: "could not reach \(server): \(errorText(code))",
        remedy: "check the host in \(setting), and the network")
    case .timedOut:
      return FailureText(
        reason: "timedOut", what: "could not connect to \(server): no answer in time",
        remedy: "check host and port in \(setting) and the firewalls, or raise "
          + "DATABASE_CONNECTION_TIMEOUT")
    case .nameNotResolved:
      return FailureText(
        reason: "nameNotResolved", what: "the host name of \(server) has no address",
        remedy: "check the host in \(setting)")
    case .tlsNotOffered:
      return FailureText(
        reason: "tlsNotOffered", what: "TLS is required, and \(server) does not offer it",
        remedy: "turn TLS on at the server, or choose another sslmode in \(setting)")
    case .certificateNotTrusted:
      return FailureText(
        reason: "certificateNotTrusted", what: "the certificate of \(server) is not trusted",
        remedy: "name its certificate authority with sslrootcert in \(setting)")
    case .tlsFailed:
      return FailureText(
        reason: "tlsFailed", what: "TLS with \(server) failed: \(message)",
        remedy: "check sslmode, sslcert and sslkey in \(setting)")
    case .passwordMissing:
      return FailureText(
        reason: "passwordMissing",
        what: "\(server) asks for a password of \(user), and none is set",
        remedy: "set it in \(setting), its password setting, or PGPASSFILE")
    case .authentication:
      return FailureText(
        reason: "authentication",
        what: "\(server) rejects \(user): wrong password or no access",
        remedy: "check user and password in \(setting), and the server's pg_hba.conf")
    case .databaseMissing:
      return FailureText(
        reason: "databaseMissing",
        what: "there is no database \"\(url.database ?? "")\" at \(server)",
        remedy: "check the name in \(setting), or create the database")
    case .startingUp:
      return FailureText(
        reason: "startingUp", what: "\(server) is starting up or shutting down: \(message)",
        remedy: "try again shortly")
    case .tooManyConnections:
      return FailureText(
        reason: "tooManyConnections", what: "\(server) has no connection left: \(message)",
        remedy: "end idle sessions, or raise max_connections")
    case .wrongServerRole:
      return FailureText(
        reason: "wrongServerRole",
        what: "\(server) does not match target_session_attrs",
        remedy: "name the primary in \(setting)")
    case .closedByServer:
      return FailureText(
        reason: "closedByServer",
        what: "\(server) closed the connection; it may not be a PostgreSQL server",
        remedy: "check the port in \(setting)")
    case .invalidSettings:
      return FailureText(
        reason: "invalidSettings", what: "invalid connection settings: \(message)",
        remedy: "check the parameters in \(setting)")
    case .server, .settingRefused, .transactionPooler, .other:
      return FailureText(
        reason: "server", what: "\(server) rejected the connection: \(message)",
        remedy: "see the server's log")
    }
  }
}

extension DatabaseURL {
  /// The hosts and ports, for sentences.
  var serverText: String {
    if hosts.isEmpty { return kind.isFile ? redacted : "the local server" }
    return hosts.map { host in
      host.name + ((host.port ?? kind.usualPort).map { ":\($0)" } ?? "")
    }.joined(separator: ",")
  }
}
