import Postgres

/// What a restore would do, without doing it.
extension BackupRestore {
  public struct Preview: Sendable {
    public let backup: String
    public let database: String
    public let way: Way
    /// The tables that would be replaced and have rows in them.
    public let filled: [String]
    /// The backup of an earlier restore that has not come to its end here.
    public let interrupted: String?

    public var json: JSONValue {
      [
        "dryRun": true, "backup": .text(backup), "database": .text(database),
        "way": .text(way.rawValue), "wouldReplace": .array(filled.map(JSONValue.text)),
        "interrupted": .optional(interrupted),
      ]
    }
  }

  /// Checks every file and looks at the database; changes nothing.
  public func preview(
    _ backup: Backup, into place: PostgresPlace, options: Options = Options()
  ) throws -> Preview {
    let manifest = try readable(backup)
    let connection = try place.connect()
    try connection.requireRestorable()
    let target = try RestoreTarget(connection, place, manifest)
    try target.keepSource(of: manifest, options, work)
    let way = Self.way(manifest, target, options)
    let filled = try target.filled(
      way == .rows
        ? RowsRestore(work: work, target: target).chosen(manifest, options) : target.shared)
    return Preview(
      backup: backup.name, database: target.database, way: way, filled: filled.map(\.title),
      interrupted: target.marker?.backup)
  }
}
