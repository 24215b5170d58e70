import MigrationBasics

/// What mongodump wrote, as a source.
struct DumpKind: SourceKind {
  static let address = DatabaseURL.Kind.dump

  private let url: DatabaseURL
  private let setting: String

  init(_ url: DatabaseURL, setting: String) { (self.url, self.setting) = (url, setting) }

  func open(_ opening: SourceOpening) throws -> any RowSource {
    try DumpFiles(url, setting: setting)
  }

  var connectionsBesideLanes: Int { 0 }

  static func probe(
    _ database: ConfiguredDatabase, _ options: ProbeOptions
  ) throws(MigrationError) -> DatabaseFacts {
    try DumpProbe(database: database).run()
  }

  /// There is no network between: it is only opened.
  static func measure(_ reading: inout NetworkReading, by test: NetworkTest) throws {
    _ = try DumpProbe(database: reading.database).run()
  }
}
