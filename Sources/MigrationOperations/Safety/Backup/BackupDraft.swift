import Glibc
import MigrationBasics
import MigrationLedger

/// A backup that is being written, under a name of its own until it is whole.
///
/// A lock on a file in it says that its writer lives; the system frees it when the writer ends,
/// however that was. What is not locked and still has the name of a draft is incomplete.
package final class BackupDraft {
  package let name: String
  package let path: String
  package let begun = Moment.now()
  private let folder: String
  private let lock: Int32

  package static let suffix = ".partial"
  private static let markName = "in-progress.json"

  /// Nil if the name is taken.
  init?(name: String, folder: String) throws {
    (self.name, self.folder) = (name, folder)
    path = folder + "/" + name + Self.suffix
    guard mkdir(path, 0o700) == 0 else {
      if errno == EEXIST { return nil }
      throw FileTree.problem("could not start the backup", path)
    }
    let mark = path + "/" + Self.markName
    lock = open(mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
      throw FileTree.problem("could not start the backup", mark)
    }
    let content: JSONValue = ["host": .text(OperatorName.host), "process": .int(Int(getpid()))]
    try AtomicFile.writeAll(Array((content.pretty + "\n").utf8), to: lock, mark)
  }

  deinit { close(lock) }

  /// Whether the writer of a draft is still at work.
  static func isBeingWritten(_ path: String) -> Bool {
    guard let descriptor = try? FileTree.openFile(path + "/" + markName) else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0
  }

  /// Writes the manifest, forces everything to disk, and gives the backup its name.
  package func finish(_ manifest: BackupManifest) throws -> Backup {
    let text = manifest.json.pretty + "\n"
    let identity = BackupIdentity(
      id: manifest.id, name: name, manifestHash: SHA256.hexadecimal(of: text.utf8))
    for (file, content) in [
      (BackupManifest.fileName, text), (BackupIdentity.fileName, identity.json.pretty + "\n"),
    ] {
      try AtomicFile.write(path + "/" + file) { append in try append(content) }
    }
    try FileTree.remove(path + "/" + Self.markName)
    try FileTree.syncFolders(path)
    let place = folder + "/" + name
    guard rename(path, place) == 0 else {
      throw FileTree.problem("could not rename the backup", place)
    }
    try FileTree.syncFolder(folder)
    return Backup(name: name, path: place)
  }

  /// Removes all that was written.
  package func discard() throws { try FileTree.remove(path) }
}
