import MigrationBasics
import Mongo

/// MongoDB databases as sources.
struct MongoKind: SourceKind {
  static let address = DatabaseURL.Kind.mongo

  private let url: DatabaseURL
  private let setting: String

  init(_ url: DatabaseURL, setting: String) { (self.url, self.setting) = (url, setting) }

  func open(_ opening: SourceOpening) throws -> any RowSource {
    try MongoSource(url, setting: setting, connectTimeout: opening.connectTimeout)
  }

  /// One looks at the table that comes next; two prepare and check tables and ask for the server's health.
  var connectionsBesideLanes: Int { 3 }

  static func probe(
    _ database: ConfiguredDatabase, _ options: ProbeOptions
  ) throws(MigrationError) -> DatabaseFacts {
    try MongoProbe(database: database, options: options).run()
  }

  static func measure(_ reading: inout NetworkReading, by test: NetworkTest) throws {
    try test.mongo(&reading)
  }

  static func plainness(of url: DatabaseURL) -> (reason: String, remedy: String)? {
    guard (try? MongoURL(url.connectionString))?.usesTLS == false else { return nil }
    return ("does not enable TLS", "tls=true")
  }
}
