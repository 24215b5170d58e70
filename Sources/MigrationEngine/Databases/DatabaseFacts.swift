import Postgres

/// What a database reported of itself when it was reached.
package struct DatabaseFacts: Sendable {
  /// `PostgreSQL`, `MongoDB`, or `mongodump files`.
  package let product: String
  package let serverVersion: String
  /// The client library and its version.
  package let driver: String
  /// The server that answered, without secrets.
  package let place: String
  package let database: String
  package let user: String?
  /// The version of TLS and the cipher; nil if the connection is not encrypted.
  package let tls: String?
  /// How long the server took to answer an empty request, as often as was asked for.
  package let roundTrips: [Duration]
  /// Tables or collections, and their size on disk.
  package let tableCount: Int
  package let byteCount: Int
  /// Why the database takes no writes; nil if it does.
  package let readOnlyReason: String?
  /// The server's clock less ours, less half a round trip.
  package let clockSkew: Duration?
  /// What a PostgreSQL database has, which targets need; nil for another kind.
  package var postgres: PostgresDetails?
  /// What one of its tables is called.
  package var noun = "table"
  /// Whether it is files of this machine, and no server.
  package var isFile = false
  /// What is there and is not read: one sentence each.
  package var notes: [String] = []

  /// How much there is, in the words of the database's kind.
  package var contentsText: String {
    "\(tableCount) \(noun)\(tableCount == 1 ? "" : "s")"
  }

  package var medianRoundTrip: Duration {
    roundTrips.isEmpty ? .zero : roundTrips.sorted()[roundTrips.count / 2]
  }
}

package struct PostgresDetails: Sendable {
  package let versionNumber: Int
  package let encoding: String
  package let collation: String
  package let isInRecovery: Bool
  /// Whether the user may create schemas in the database, which the ledger needs.
  package let canCreateSchema: Bool
  /// Whether the user may create tables in the schema that is migrated.
  package let canCreateTable: Bool
  /// Tables of the schema that the user may not read, or not write.
  package let unreadableTables: [String]
  package let unwritableTables: [String]
  /// The settings that values depend on and that the session had to change.
  package let changedSettings: [ChangedSetting]
  package let isPooled: Bool
  /// Where the server keeps its data, if the user may know.
  package let dataDirectory: String?
  /// Whether the server runs on this machine.
  package let isLocal: Bool

  package var majorVersion: Int { versionNumber / 10_000 }
}
