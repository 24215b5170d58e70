import MigrationBasics

/// What a database is to a migration.
public enum DatabaseRole: String, Sendable, CaseIterable {
  case source, target, backup

  /// The role at the start of a line.
  public var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}

/// A database that the settings name.
package struct ConfiguredDatabase: Sendable {
  package let role: DatabaseRole
  /// The setting that holds its URL.
  package let setting: String
  package let url: DatabaseURL

  /// What is said of an address that is none of a source.
  var unknownKind: MigrationError {
    MigrationError(
      .configuration,
      "\(setting) names a \(url.kind.product) database, which this program cannot read",
      place: url.redacted)
  }
}
