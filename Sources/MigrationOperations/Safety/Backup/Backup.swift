import FoundationEssentials
import Glibc
import MigrationBasics

/// A backup in its folder, and what is known of it without reading it whole.
///
/// Its folder holds `manifest.json`, `identity.json` (which manifest belongs here, by its hash), `dump`
/// with what pg_dump wrote, and `verification.json` after it was verified, whatever came of it.
package struct Backup: Sendable {
  package enum State: Sendable, Hashable {
    /// A process is writing it.
    case writing
    /// The process that wrote it ended before it was done.
    case incomplete
    /// A file of it is missing or has another size, or its manifest can't be read.
    case damaged(String)
    /// It was verified, and something was wrong with it.
    case failed(String)
    case unverified
    case verified

    /// The state in a word, for lists.
    package var word: String {
      switch self {
      case .writing: "being written"
      case .incomplete: "incomplete"
      case .damaged: "damaged"
      case .failed: "failed"
      case .unverified: "not verified"
      case .verified: "verified"
      }
    }

    package var reason: String? {
      switch self {
      case .damaged(let reason), .failed(let reason): reason
      default: nil
      }
    }
  }

  package let name: String
  package let path: String
  package let state: State
  /// Nil if it is incomplete or can't be read.
  package let manifest: BackupManifest?
  package let verification: BackupVerificationRecord?

  package var dump: String { path + "/" + Self.dumpName }

  static let dumpName = "dump"

  /// Checks a finished backup: its manifest, and the sizes of its files.
  init(name: String, path: String) {
    (self.name, self.path) = (name, path)
    verification = BackupVerificationRecord.read(path)
    do throws(MigrationError) {
      let (manifest, hash) = try BackupIdentity.checkedManifest(path)
      self.manifest = manifest
      state = Self.state(manifest, hash, path, verification)
    } catch {
      manifest = nil
      state = .damaged(error.what)
    }
  }

  /// A backup that is not finished.
  init(unfinished name: String, path: String, isBeingWritten: Bool) {
    (self.name, self.path) = (name, path)
    state = isBeingWritten ? .writing : .incomplete
    (manifest, verification) = (nil, nil)
  }

  private static func state(
    _ manifest: BackupManifest, _ hash: String, _ path: String, _ record: BackupVerificationRecord?
  ) -> State {
    for file in manifest.files {
      guard let size = FileTree.size(of: path + "/" + file.path) else {
        return .damaged("\(file.path) is missing")
      }
      if size != file.bytes {
        return .damaged(
          "\(file.path) has \(CountText.of(size, "byte")) instead of \(GroupedNumber.text(file.bytes))"
        )
      }
    }
    // A record of another manifest says nothing about this backup.
    guard let record, record.id == manifest.id, record.manifestHash == hash else {
      return .unverified
    }
    return record.findings.first.map { .failed($0) } ?? .verified
  }
}

/// Which manifest belongs to a backup's folder.
struct BackupIdentity {
  let id: String
  let name: String
  let manifestHash: String

  static let fileName = "identity.json"

  var json: JSONValue {
    ["id": .text(id), "name": .text(name), "manifestSHA256": .text(manifestHash)]
  }

  /// Reads the manifest of a folder and makes sure that it is the one that was written there.
  static func checkedManifest(_ folder: String) throws(MigrationError) -> (
    BackupManifest, hash: String
  ) {
    let file = folder + "/" + BackupManifest.fileName
    let (manifest, hash) = try reading(file) {
      let text = try InputFile.text(file)
      return (try BackupManifest(text, file: file), SHA256.hexadecimal(of: text.utf8))
    }
    let other = folder + "/" + fileName
    let identity = try reading(other) {
      let node = try JSON5.parse(
        InputFile.text(other), file: other, dialect: .json)
      return BackupIdentity(
        id: try node.required("id").text(), name: try node.required("name").text(),
        manifestHash: try node.required("manifestSHA256").text())
    }
    guard identity.id == manifest.id else {
      throw damaged("the manifest belongs to another backup, \(manifest.name)", file)
    }
    guard identity.manifestHash == hash else {
      throw damaged("the manifest was changed since the backup", file)
    }
    return (manifest, hash)
  }

  private static func reading<Value>(_ file: String, _ body: () throws -> Value)
    throws(MigrationError) -> Value
  {
    do { return try body() } catch let error as MigrationError { throw error } catch {
      let isMissing = FileTree.size(of: file) == nil
      let name = file.split(separator: "/").last ?? ""
      throw damaged(isMissing ? "\(name) is missing" : "could not read \(name): \(error)", file)
    }
  }

  private static func damaged(_ what: String, _ file: String) -> MigrationError {
    MigrationError(
      .coded(.corruption), what, reason: "manifest", place: file,
      remedy: "use another backup: migrate backup list")
  }
}
