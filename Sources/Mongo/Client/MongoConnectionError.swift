/// Why no usable connection came about.
///
/// The kind is found from codes and from what the hosts do, never from the words of a message.
public struct MongoConnectionError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Kind: String, Sendable, Hashable {
    /// Nothing listens on the port.
    case refused
    /// The host does not answer, or not in time.
    case timedOut
    /// There is no way to the host (no route, network down, and the like).
    case unreachable
    /// DNS does not know the name, or did not say.
    case nameNotResolved
    /// TLS is asked for, and the server speaks only without.
    case tlsNotOffered
    /// The server speaks only TLS, and it is not asked for.
    case tlsRequired
    /// The server's certificate is not signed by an authority that is trusted, or has expired.
    case certificateNotTrusted
    /// The server's certificate is good, but for another host name.
    case certificateForOtherHost
    /// TLS fails for another reason; only the detail shows which.
    case tlsFailed
    /// A certificate file named in the URL cannot be read.
    case certificateFile
    /// The user name or password is wrong, or the mechanism is not enabled.
    case authentication
    /// The user may not do what connecting needs.
    case notAuthorized
    /// Servers answer, but none of them may serve the reads that are asked for.
    case noPrimary
    /// Servers answer, a primary among them, and the read preference or its tags exclude them all.
    case noPreferredMember
    /// Servers answer, but belong to another replica set than the URL names, or to none.
    case wrongReplicaSetName
    /// What answers on the port is not MongoDB, or speaks no version that the driver knows.
    case notMongoDB
    /// Anything else; only the detail shows.
    case other
  }

  /// What is the matter with one host.
  public struct HostFailure: Sendable, Hashable {
    public let host: String
    public let kind: Kind
    public let detail: String
  }

  public let kind: Kind
  /// The host or hosts meant, without user name and password.
  public let place: String
  /// What the driver or the system says about it, for people.
  public let detail: String
  /// The findings host by host, where hosts could be distinguished.
  public let hosts: [HostFailure]

  public init(_ kind: Kind, place: String, detail: String, hosts: [HostFailure] = []) {
    self.kind = kind
    self.place = place
    self.detail = detail
    self.hosts = hosts
  }

  public var description: String { "\(place): \(explanation) (\(detail))" }

  /// Whether trying again later may help without anyone changing anything.
  public var isTransient: Bool {
    switch kind {
    case .refused, .timedOut, .unreachable, .nameNotResolved, .noPrimary, .noPreferredMember: true
    default: false
    }
  }

  private var explanation: String {
    switch kind {
    case .refused: "connection refused"
    case .timedOut: "no answer in time"
    case .unreachable: "the host is unreachable"
    case .nameNotResolved: "could not resolve the name"
    case .tlsNotOffered: "the URL enables TLS, and the server does not offer it"
    case .tlsRequired: "the server requires TLS; add tls=true to the URL"
    case .certificateNotTrusted: "the server's certificate is not trusted; see tlsCAFile"
    case .certificateForOtherHost: "the server's certificate is for another host name"
    case .tlsFailed: "TLS failed"
    case .certificateFile: "could not read a certificate file"
    case .authentication: "authentication failed; check user, password and authSource"
    case .notAuthorized: "the user lacks a permission"
    case .noPrimary: "there is no primary"
    case .noPreferredMember: "no member matches the read preference"
    case .wrongReplicaSetName: "the servers do not belong to the replica set in the URL"
    case .notMongoDB: "the server is not a MongoDB server that this driver supports"
    case .other: "the connection failed"
    }
  }
}
