/// What is worth knowing about the server that a client talks to.
public struct ServerFacts: Sendable {
  /// What the server is in its deployment.
  public enum Role: String, Sendable, Hashable {
    case standalone, primary, secondary, arbiter
    /// A `mongos` in front of a sharded cluster.
    case router
    /// Started for a replica set that is not initiated.
    case uninitiatedMember
    /// A member that is starting up, recovering, or hidden from clients.
    case otherMember

    /// What the server is, without what that means for reads.
    var name: String { self == .secondary ? "a secondary" : explanation }

    var explanation: String {
      switch self {
      case .standalone: "a standalone server"
      case .primary: "the primary"
      case .secondary: "a secondary, and the read preference is primary"
      case .arbiter: "an arbiter, which holds no data"
      case .router: "a mongos"
      case .uninitiatedMember: "a member of a replica set that was never initiated"
      case .otherMember: "a member that is starting up or recovering"
      }
    }
  }

  public enum Topology: Sendable, Hashable {
    case single, sharded
    case replicaSet(String)
  }

  /// The server's version, for example "6.0.5".
  public let version: String
  public let role: Role
  public let topology: Topology
  public let usesTLS: Bool
  /// How long a `ping` takes there and back.
  public let roundTrip: Duration
  /// How far the server's clock is ahead of this machine's, give or take half a round trip.
  public let clockAhead: Duration?
  /// The logical time of the last operation that the server knows; only replica sets have one.
  public let operationTime: BSONTimestamp?
  /// The version of the C driver.
  public let driverVersion: String
  public let maximumDocumentSize: Int64

  /// Whether writes are possible there.
  public var isWritable: Bool { [.primary, .standalone, .router].contains(role) }
}
