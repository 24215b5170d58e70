import MigrationBasics
import Mongo

extension MigrationError {
  /// Words a MongoDB connection that could not be made.
  package init(connecting error: MongoConnectionError, to url: DatabaseURL, setting: String) {
    let server = url.serverText
    let detail = error.hosts.first?.detail ?? error.detail
    let what: String
    let remedy: String
    switch error.kind {
    case .refused:
      what = "could not connect to \(server): connection refused"
      remedy = "check host and port in \(setting), and that the server is running"
    case .timedOut:
      what = "could not connect to \(server): no answer in time"
      remedy =
        "check host and port in \(setting) and the firewalls, or raise DATABASE_CONNECTION_TIMEOUT"
    case .unreachable, .nameNotResolved:
      what = "could not reach \(server): \(detail)"
      remedy = "check the host in \(setting), and the network"
    case .tlsNotOffered:
      what = "TLS is required, and \(server) does not offer it"
      remedy = "turn TLS on at the server, or remove tls=true from \(setting)"
    case .tlsRequired:
      what = "\(server) requires TLS, and \(setting) does not enable it"
      remedy = "add tls=true to \(setting), and tlsCAFile if the certificate authority is private"
    case .certificateNotTrusted, .certificateForOtherHost:
      what = "the certificate of \(server) is not trusted: \(detail)"
      remedy = "name its certificate authority with tlsCAFile in \(setting)"
    case .tlsFailed, .certificateFile:
      what = "TLS with \(server) failed: \(detail)"
      remedy = "check tlsCAFile and tlsCertificateKeyFile in \(setting)"
    case .authentication:
      what =
        "\(server) rejects \(url.user.map { "user \"\($0)\"" } ?? "this user"): wrong password or no such user"
      remedy = "check user, password and authSource in \(setting)"
    case .notAuthorized:
      what = "the user lacks a permission to connect to \(server): \(detail)"
      remedy = "grant the role read on the database"
    case .noPrimary:
      what = "there is no primary at \(server): \(detail)"
      remedy = "wait for an election, or see rs.status() on a member"
    case .noPreferredMember:
      what = "no member of \(server) matches the read preference: \(detail)"
      remedy =
        "set readPreference in \(setting) to match a member, such as secondaryPreferred; or remove it and "
        + "readPreferenceTags; or start such a member: rs.status()"
    case .wrongReplicaSetName:
      what = "\(server) does not belong to the replica set in \(setting): \(detail)"
      remedy = "check replicaSet in \(setting)"
    case .notMongoDB:
      what = "the server at \(server) is not a MongoDB server: \(detail)"
      remedy = "check the port in \(setting)"
    case .other:
      what = "the connection to \(server) failed: \(detail)"
      remedy = "check \(setting)"
    }
    self.init(
      .coded(.connection), what, reason: error.kind.rawValue, place: url.redacted, remedy: remedy)
  }
}
