import MigrationBasics
import MigrationPlan
import Postgres
import Synchronization

/// A kind of source, at an address.
///
/// A new kind has its room beside those of the others, a row in `DatabaseURL.Kind` for its addresses, and one in
/// `SourceKinds`. Nothing else in the engine tells kinds of sources apart: it asks what a kind or a feed can do.
package protocol SourceKind: Sendable {
  /// How its addresses are recognized, and what they are.
  static var address: DatabaseURL.Kind { get }

  /// - Throws: `MigrationError` for an address that can't be read.
  init(_ url: DatabaseURL, setting: String) throws

  /// Makes what lanes read from; it may connect later.
  func open(_ opening: SourceOpening) throws -> any RowSource

  /// The PostgreSQL database that the rows are in, which may be the target's own; nil for another kind.
  var targetDatabase: ConnectionString? { get }

  /// The most connections that a run has to its database besides those of lanes.
  var connectionsBesideLanes: Int { get }

  /// Lists what a plan may read, without a snapshot.
  func catalog(of plan: Plan, _ databases: Databases) throws -> SourceCatalog

  /// Measures what feeds hold, nil for one that is not there; nil if that would take reading them.
  func sizes(of feeds: [Feed], schema: String) throws -> [FeedSize?]?

  /// Reaches a database and describes what is there.
  static func probe(
    _ database: ConfiguredDatabase, _ options: ProbeOptions
  ) throws(MigrationError) -> DatabaseFacts

  /// Measures the way to a database.
  static func measure(_ reading: inout NetworkReading, by test: NetworkTest) throws

  /// Why what is sent to an address would not be encrypted, and what to add to it; nil if it would be.
  static func plainness(of url: DatabaseURL) -> (reason: String, remedy: String)?
}

/// What most kinds have in common.
extension SourceKind {
  package var targetDatabase: ConnectionString? { nil }

  package func catalog(of plan: Plan, _ databases: Databases) throws -> SourceCatalog {
    let source = try open(SourceOpening())
    defer { source.release() }
    return try source.open(timeout: nil).catalog(of: plan, condition: nil)
  }

  package func sizes(of feeds: [Feed], schema: String) throws -> [FeedSize?]? { nil }
  package static func plainness(of url: DatabaseURL) -> (reason: String, remedy: String)? { nil }
}

/// How a source is opened.
package struct SourceOpening: Sendable {
  package var connectTimeout: Duration?
  /// What must stay as it is while it is read; only tables can be locked.
  package var locks = SourceTableLocks.none
  /// Whether several sessions read chunks at once.
  package var inLanes = false

  package init() {}
}

/// The table of kinds.
package enum SourceKinds {
  private static let builtIn: [any SourceKind.Type] = [
    PostgresKind.self, MongoKind.self, DumpKind.self,
  ]

  private static let added = Mutex<[any SourceKind.Type]>([])

  /// Adds a kind that is none of the program's own, with its addresses.
  package static func register(_ kind: any SourceKind.Type) {
    DatabaseURL.Kind.register(kind.address)
    added.withLock { $0.append(kind) }
  }

  /// Finds the kind of an address.
  package static func kind(of url: DatabaseURL) -> (any SourceKind.Type)? {
    (builtIn + added.withLock { $0 }).first { $0.address == url.kind }
  }
}
