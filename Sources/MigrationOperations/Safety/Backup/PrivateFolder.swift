import FoundationEssentials
import Glibc
import MigrationBasics

/// The folder of a private server, which goes with the server.
///
/// A lock on a file in it says that its owner lives. What a killed process left behind is removed by
/// the next one.
final class PrivateFolder {
  let path: String
  /// Whom the server runs as: PostgreSQL refuses to run as root.
  let account: SystemAccount?
  private let lock: Int32

  private static let prefix = "migrate-verify-"
  private static let lockName = "/owner"

  init(_ work: BackupWork) throws {
    let parent = work.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    account = try Self.unprivileged()
    Self.sweep(parent, of: account?.user ?? getuid())
    var template = Array("\(parent)/\(Self.prefix)XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw FileTree.problem("could not create a temporary folder", parent)
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    lock = open(path + Self.lockName, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    // 107 bytes is all that a socket's path may have.
    guard path.utf8.count + "/.s.PGSQL.5432".utf8.count < 107 else {
      throw MigrationError(
        .configuration, "the temporary folder's path is too long for a socket", place: path,
        remedy: "set TMPDIR to a folder with a shorter path")
    }
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
      throw FileTree.problem("could not lock the folder", path)
    }
    if let account, chown(path, account.user, account.group) != 0 {
      throw FileTree.problem("could not give the folder to the server's user", path)
    }
  }

  deinit {
    close(lock)
    try? FileTree.remove(path)
  }

  private static func unprivileged() throws(MigrationError) -> SystemAccount? {
    guard getuid() == 0 else { return nil }
    for name in ["postgres", "nobody"] {
      if let entry = getpwnam(name) {
        return SystemAccount(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
      }
    }
    throw MigrationError(
      .configuration, "PostgreSQL cannot run as root, and user postgres does not exist",
      remedy: "run migrate as another user, or add one: useradd --system postgres")
  }

  /// Removes the folders whose owners are gone; their servers went with them.
  private static func sweep(_ parent: String, of user: uid_t) {
    for name in (try? FileTree.names(in: parent)) ?? [] where name.hasPrefix(prefix) {
      let path = parent + "/" + name
      var status = stat()
      guard lstat(path, &status) == 0, status.st_uid == user else { continue }
      guard let descriptor = try? FileTree.openFile(path + lockName) else { continue }
      defer { close(descriptor) }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { try? FileTree.remove(path) }
    }
  }
}
