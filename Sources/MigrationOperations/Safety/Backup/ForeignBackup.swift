import FoundationEssentials
import Glibc
import MigrationBasics
import Mongo

/// Where a backup is that a path names: one of this program's, or one that others made.
package enum BackupPlace: Sendable {
  case own(Backup)
  case foreign(ForeignBackup)

  package init(path: String) throws {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if [BackupManifest.fileName, BackupIdentity.fileName].contains(where: {
      access(path + "/" + $0, F_OK) == 0
    }) {
      self = .own(Backup(name: name, path: path))
    } else {
      self = .foreign(try ForeignBackup(name: name, path: path))
    }
  }

  package var name: String {
    switch self {
    case .own(let backup): backup.name
    case .foreign(let backup): backup.name
    }
  }
}

/// What pg_dump wrote without this program: no manifest shows what it should hold.
package struct ForeignBackup: Sendable {
  enum Form: Sendable {
    /// What pg_restore reads: a folder, or a file in custom or tar form.
    case archive
    /// SQL, gzipped or not.
    case sql
    /// What mongodump wrote: a folder, or an archive.
    case documents
  }

  package let name: String
  package let path: String
  let form: Form
  package var bytes: Int {
    (try? FileTree.files(in: path).reduce(0) { $0 + (FileTree.size(of: path + "/" + $1) ?? 0) })
      ?? FileTree.size(of: path) ?? 0
  }

  init(name: String, path: String) throws {
    (self.name, self.path) = (name, path)
    guard !FileTree.isFolder(path) else {
      form = try Self.form(ofFolder: path)
      return
    }
    try FileTree.requireFile(path)
    guard let start = FileTree.start(of: path) else {
      throw FileTree.problem("could not read the backup", path)
    }
    // A tar archive has its mark behind its first file's name, which is toc.dat.
    let isArchive = start.starts(with: "PGDMP".utf8) || start.starts(with: "toc.dat".utf8)
    form = isArchive ? .archive : Self.isDump(path) ? .documents : .sql
  }

  private static func form(ofFolder path: String) throws -> Form {
    if ["/toc.dat", "/toc.dat.gz"].contains(where: { access(path + $0, R_OK) == 0 }) {
      return .archive
    }
    do throws(DumpError) {
      _ = try DumpFolder(path)
      return .documents
    } catch {
      guard error.code == .notADump else { return .documents }
      throw MigrationError(
        .failed,
        "the folder is not a backup: it has no manifest.json, toc.dat or .bson files",
        place: path, remedy: "see: migrate backup list")
    }
  }

  /// Whether a file begins as an archive of mongodump does, gzipped or not.
  private static func isDump(_ path: String) -> Bool {
    do throws(DumpError) {
      _ = try DumpArchive(path)
      return true
    } catch { return error.code != .notADump && error.code != .badGzip && error.code != .io }
  }
}
