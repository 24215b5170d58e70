import MigrationBasics
import MigrationEngine
import Postgres

/// Restores a backup into the database that is kept for backups, and compares it there.
package struct BackupCopy {
  package let work: BackupWork

  package init(_ work: BackupWork) { self.work = work }

  /// - Throws: An error if that database is the one that was backed up.
  package func run(_ backup: Backup, into place: PostgresPlace) throws -> BackupRestore.Outcome {
    guard let manifest = backup.manifest else {
      throw MigrationError(.failed, "could not read the backup", place: backup.path)
    }
    try refuseItself(manifest.origin, place)
    var options = BackupRestore.Options()
    // What is in it is a copy of an earlier backup, and another server may have other roles.
    (options.replaces, options.keepsOwners) = (true, false)
    return try BackupRestore(work).restore(backup, into: place, options: options)
  }

  private func refuseItself(_ origin: BackupManifest.Origin, _ place: PostgresPlace) throws {
    let there = try OriginReader(connection: place.connect()).read(role: .backup)
    let isSame =
      origin.identity.flatMap { mine in there.identity.map { $0 == mine } }
      ?? (there.place == origin.place && there.database == origin.database)
    guard isSame else { return }
    throw MigrationError(
      .configuration, "\(place.setting) names the backed-up database",
      place: place.url.redacted,
      remedy: "nothing was changed there, and the backup is kept; name another database"
    )
  }
}
