import MigrationBasics
import MigrationEngine
import Postgres

/// What a restore would do, without doing it.
extension BackupRestore {
  package struct Preview: Sendable {
    package let backup: String
    package let database: String
    package let way: Way
    /// The tables that would be replaced and have rows in them.
    package let filled: [String]
    /// The backup of an earlier restore that has not come to its end here.
    package let interrupted: String?

    package var json: JSONValue {
      [
        "dryRun": true, "backup": .text(backup), "database": .text(database),
        "way": .text(way.rawValue), "wouldReplace": .array(filled.map(JSONValue.text)),
        "interrupted": .optional(interrupted),
      ]
    }
  }

  /// Checks every file and checks the database; changes nothing.
  package func preview(
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
