import Postgres

/// What a database told of itself when it was reached.
public struct DatabaseFacts: Sendable {
  /// `PostgreSQL`, `MongoDB`, or `mongodump files`.
  public let product: String
  public let serverVersion: String
  /// The client library and its version.
  public let driver: String
  /// The server that answered, without secrets.
  public let place: String
  public let database: String
  public let user: String?
  /// The version of TLS and the cipher; nil where the connection is not encrypted.
  public let tls: String?
  /// How long the server took to answer an empty request, as often as was asked for.
  public let roundTrips: [Duration]
  /// Tables or collections, and their size on disk.
  public let tableCount: Int
  public let byteCount: Int
  /// Why the database takes no writes; nil where it does.
  public let readOnlyReason: String?
  /// The server's clock less ours, half a round trip taken off.
  public let clockSkew: Duration?
  public let details: Details
  /// What is there and is not read: one sentence each.
  public var notes: [String] = []

  /// What only one kind of database has.
  public enum Details: Sendable {
    case postgres(PostgresDetails)
    case mongo(MongoDetails)
    case dump
  }

  /// How much there is, in the words of the database's kind.
  public var contentsText: String {
    let isPostgres = if case .postgres = details { true } else { false }
    let noun = isPostgres ? "table" : "collection"
    return "\(tableCount) \(noun)\(tableCount == 1 ? "" : "s")"
  }

  public var medianRoundTrip: Duration {
    roundTrips.isEmpty ? .zero : roundTrips.sorted()[roundTrips.count / 2]
  }
}

public struct PostgresDetails: Sendable {
  public let versionNumber: Int
  public let encoding: String
  public let collation: String
  public let isInRecovery: Bool
  /// Whether the user may create schemas in the database, which the ledger needs.
  public let canCreateSchema: Bool
  /// Whether the user may create tables in the schema that is migrated.
  public let canCreateTable: Bool
  /// Tables of the schema that the user may not read, or not write.
  public let unreadableTables: [String]
  public let unwritableTables: [String]
  /// The settings that values depend on and that the session had to change.
  public let changedSettings: [ChangedSetting]
  public let isPooled: Bool
  /// Where the server keeps its data, if the user may know.
  public let dataDirectory: String?
  /// Whether the server runs on this machine.
  public let isLocal: Bool

  public var majorVersion: Int { versionNumber / 10_000 }
}

public struct MongoDetails: Sendable {
  /// `single server`, `replica set NAME` or `sharded cluster`.
  public let topology: String
  public let isWritablePrimary: Bool
}
