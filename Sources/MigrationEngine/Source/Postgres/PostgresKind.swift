import MigrationBasics
import MigrationPlan
import Postgres

/// PostgreSQL databases as sources.
struct PostgresKind: SourceKind {
  static let address = DatabaseURL.Kind.postgres

  private let place: ConnectionString

  init(_ place: ConnectionString) { self.place = place }

  init(_ url: DatabaseURL, setting: String) throws {
    place = try ConnectionString(url.connectionString)
  }

  func open(_ opening: SourceOpening) -> any RowSource {
    var options = ConnectionOptions()
    options.connectTimeout = opening.connectTimeout
    options.idleInTransactionTimeout = .zero
    return PostgresSource(
      place, options: options, locks: opening.locks, inLanes: opening.inLanes)
  }

  var targetDatabase: ConnectionString? { place }

  /// One holds the snapshot, one looks at the table that comes next.
  var connectionsBesideLanes: Int { 2 }

  func catalog(of plan: Plan, _ databases: Databases) throws -> SourceCatalog {
    try SourceCatalog(plan, databases.source(plan.source.setting))
  }

  func sizes(of feeds: [Feed], schema: String) throws -> [FeedSize?]? {
    let catalogue = try Connection(to: place)
    return try feeds.map { feed in
      try CatalogReader(catalogue).table(schema: schema, named: feed.from).map {
        try FeedSize.measure(FeedQuery(table: $0, key: [], filters: []), catalogue)
      }
    }
  }

  static func probe(
    _ database: ConfiguredDatabase, _ options: ProbeOptions
  ) throws(MigrationError) -> DatabaseFacts {
    try PostgresProbe(database: database, options: options).run()
  }

  static func measure(_ reading: inout NetworkReading, by test: NetworkTest) throws {
    try test.postgres(&reading)
  }

  static func plainness(of url: DatabaseURL) -> (reason: String, remedy: String)? {
    let mode = (try? ConnectionString(url.connectionString))?.sslMode ?? "prefer"
    guard !["require", "verify-ca", "verify-full"].contains(mode) else { return nil }
    return ("has sslmode \(mode)", "sslmode=verify-full")
  }
}
