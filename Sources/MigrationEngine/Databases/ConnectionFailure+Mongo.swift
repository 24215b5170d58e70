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
      what = "nothing listens at \(server)"
      remedy = "check host and port in \(setting), and that the server runs"
    case .timedOut:
      what = "\(server) did not answer in time"
      remedy =
        "check host and port in \(setting) and firewalls between, or raise DATABASE_CONNECTION_TIMEOUT"
    case .unreachable, .nameNotResolved:
      what = "\(server) can't be reached: \(detail)"
      remedy = "check the host in \(setting), and the network"
    case .tlsNotOffered:
      what = "TLS is required, and \(server) does not offer it"
      remedy = "turn TLS on at the server, or leave tls=true out of \(setting)"
    case .tlsRequired:
      what = "\(server) speaks only TLS, and \(setting) does not ask for it"
      remedy = "add tls=true to \(setting), and tlsCAFile if the authority is private"
    case .certificateNotTrusted, .certificateForOtherHost:
      what = "the certificate of \(server) is not trusted: \(detail)"
      remedy = "name its authority with tlsCAFile in \(setting)"
    case .tlsFailed, .certificateFile:
      what = "TLS with \(server) failed: \(detail)"
      remedy = "check tlsCAFile and tlsCertificateKeyFile in \(setting)"
    case .authentication:
      what =
        "\(server) does not let \(url.user.map { "user \"\($0)\"" } ?? "this user") in: wrong password or no such user"
      remedy = "check user, password and authSource in \(setting)"
    case .notAuthorized:
      what = "the user may not do what connecting to \(server) needs: \(detail)"
      remedy = "grant the role read on the database"
    case .noPrimary:
      what = "there is no primary at \(server): \(detail)"
      remedy = "wait for an election, or see rs.status() on a member"
    case .noPreferredMember:
      what = "no server of \(server) is one that may be read from: \(detail)"
      remedy =
        "let readPreference in \(setting) name what is there, such as secondaryPreferred, or take it and "
        + "readPreferenceTags out; or bring such a member up: rs.status()"
    case .wrongReplicaSetName:
      what = "\(server) is not of the replica set that \(setting) names: \(detail)"
      remedy = "check replicaSet in \(setting)"
    case .notMongoDB:
      what = "what answers at \(server) is not a MongoDB server: \(detail)"
      remedy = "check the port in \(setting)"
    case .other:
      what = "the connection to \(server) failed: \(detail)"
      remedy = "check \(setting)"
    }
    self.init(
      .coded(.connection), what, reason: error.kind.rawValue, place: url.redacted, remedy: remedy)
  }
}
