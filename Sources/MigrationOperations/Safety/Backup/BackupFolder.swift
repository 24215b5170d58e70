import FoundationEssentials
import Glibc
import MigrationBasics
import MigrationEngine
import MigrationLedger

/// The folder that all backups are in.
package struct BackupFolder: Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  /// Lists all backups, the newest first, with those that are not finished.
  package func all() throws -> [Backup] {
    guard FileTree.isFolder(path) else { return [] }
    return try FileTree.names(in: path).compactMap(look).sorted { Self.age($0) > Self.age($1) }
  }

  /// When a backup was begun, as a text that can be compared.
  private static func age(_ backup: Backup) -> String {
    if let manifest = backup.manifest { return manifest.created.description }
    let stamp = backup.name.split(separator: "_").suffix(2)
    return (stamp.first ?? "") + "T" + (stamp.last ?? "").replacing("-", with: ":")
  }

  /// Finds a backup by its name; without a name the newest that is finished.
  package func find(_ name: String?) throws -> Backup {
    let known = try all()
    let names = known.filter { $0.manifest != nil }.map(\.name)
    guard let name else {
      let finished = known.first { $0.state != .incomplete && $0.state != .writing }
      if let finished { return finished }
      throw MigrationError(
        .failed, "there is no backup", place: path, remedy: "create one: migrate backup create")
    }
    guard let found = known.first(where: { $0.name == name }) else {
      throw MigrationError(
        .failed, "there is no backup \(name)\(suggestion(for: name, in: names))", place: path,
        remedy: "see: migrate backup list")
    }
    if found.state == .incomplete || found.state == .writing {
      throw MigrationError(
        .failed, "backup \(name) is \(found.state.word)", place: found.path,
        remedy:
          "use another backup (migrate backup list); migrate backup prune removes incomplete ones")
    }
    return found
  }

  /// Finds the newest backup of the target that was verified: nothing else is restored without being named.
  package func lastVerified() throws -> Backup {
    let known = try all()
    if let found = known.first(where: {
      $0.state == .verified && $0.manifest?.origin.role == DatabaseRole.target.rawValue
    }) {
      return found
    }
    throw MigrationError(
      .failed, "no backup of the target is verified", place: path,
      remedy: known.isEmpty
        ? "create one: migrate backup create --verify"
        : "verify the newest: migrate backup verify; or name one: migrate backup list")
  }

  /// Claims a name and a folder for a new backup.
  package func begin(_ prefix: String, at moment: Moment) throws -> BackupDraft {
    do {
      try AtomicFile.makeFolder(path)
    } catch {
      throw MigrationError(
        .failed, "could not create the backup folder: \(error)", reason: "permission",
        place: path,
        remedy: "allow this user to create it, or set MIGRATION_BACKUP_DIR to another folder"
      )
    }
    let base = prefix + "_" + Self.stamp(moment)
    for number in 1...100 {
      let name = number == 1 ? base : "\(base)-\(number)"
      if FileTree.isFolder(path + "/" + name) { continue }
      if let draft = try BackupDraft(name: name, folder: path) { return draft }
    }
    throw MigrationError(.failed, "100 backups have this second in their name", place: path)
  }

  private func look(_ name: String) -> Backup? {
    let place = path + "/" + name
    guard FileTree.isFolder(place) else { return nil }
    if name.hasSuffix(BackupDraft.suffix) {
      return Backup(
        unfinished: String(name.dropLast(BackupDraft.suffix.count)), path: place,
        isBeingWritten: BackupDraft.isBeingWritten(place))
    }
    let files = [BackupManifest.fileName, BackupIdentity.fileName, Backup.dumpName]
    // Other folders may lie here too.
    guard files.contains(where: { access(place + "/" + $0, F_OK) == 0 }) else { return nil }
    return Backup(name: name, path: place)
  }

  /// `2026-01-31_02-05-00`, in UTC.
  private static func stamp(_ moment: Moment) -> String {
    let text = moment.description.prefix(19)
    return String(text.replacing("T", with: "_").replacing(":", with: "-"))
  }
}
