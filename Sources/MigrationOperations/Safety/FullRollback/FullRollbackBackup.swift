import MigrationBasics
import Postgres

/// Which backup a full rollback goes back to: a verified one, and nothing else.
enum FullRollbackBackup {
  /// - Parameter name: nil takes the newest verified one of the target.
  static func choose(
    _ name: String?, in folder: BackupFolder, of origin: BackupManifest.Origin
  ) throws -> Backup {
    guard let name else { return try newest(in: folder, of: origin) }
    let backup = try folder.find(name)
    guard backup.state == .verified else { throw unverified(backup) }
    guard backup.manifest?.contents == .all else {
      throw MigrationError(
        .failed, "\(name) does not contain the whole database", reason: "partialBackup",
        place: backup.path, remedy: "restore its contents: migrate backup restore \(name)")
    }
    return backup
  }

  private static func newest(
    in folder: BackupFolder, of origin: BackupManifest.Origin
  ) throws -> Backup {
    let fitting = try folder.all().filter { backup in
      guard let manifest = backup.manifest, manifest.contents == .all else { return false }
      return manifest.origin.role == origin.role && manifest.origin.database == origin.database
        && isSameServer(manifest.origin, origin)
    }
    if let backup = fitting.first(where: { $0.state == .verified }) { return backup }
    if let backup = fitting.first { throw unverified(backup) }
    throw MigrationError(
      .failed, "there is no backup of \(origin.database)", reason: "noBackup", place: folder.path,
      remedy:
        "a full rollback restores an earlier backup; without one, delete the migration's rows: "
        + "migrate rollback --session latest")
  }

  /// The number of the database is another one after each full rollback; that of the server stays.
  private static func isSameServer(
    _ one: BackupManifest.Origin, _ other: BackupManifest.Origin
  ) -> Bool {
    guard let mine = one.identity?.cut(at: ":").before,
      let theirs = other.identity?.cut(at: ":").before
    else { return one.place == other.place }
    return mine == theirs
  }

  private static func unverified(_ backup: Backup) -> MigrationError {
    let reason = backup.state.reason.map { ": \($0)" } ?? ""
    return MigrationError(
      .failed,
      "backup \(backup.name) is \(backup.state == .unverified ? "not verified" : backup.state.word)\(reason)",
      reason: "notVerified", place: backup.path,
      remedy:
        "only a verified backup can replace a target; verify it: migrate backup verify \(backup.name)"
    )
  }
}
