import MigrationLedger

/// What a backup holds and where it comes from, as its own manifest says.
package struct BackupManifest: Sendable, Hashable {
  /// What is put back when it is restored.
  package enum Contents: String, Sendable, CaseIterable {
    /// The whole database.
    case all
    /// Definitions alone.
    case schema
    /// Rows alone; the definitions are in it for the test of its restore.
    case data
    /// The rows of some tables, with all definitions.
    case tables
    /// The documents of a MongoDB database.
    case documents
  }

  package struct File: Sendable, Hashable {
    /// Below the backup's folder.
    package let path: String
    package let bytes: Int
    package let sha256: String

    package init(path: String, bytes: Int, sha256: String) {
      self.path = path
      self.bytes = bytes
      self.sha256 = sha256
    }

  }

  /// The server and the database that were read.
  package struct Origin: Sendable, Hashable {
    /// `target` or `source`.
    package var role: String
    package var product: String
    package var version: String
    /// The first number of the version.
    package var majorVersion: Int
    /// The host and port, without secrets.
    package var place: String
    package var database: String
    package var user: String
    /// What distinguishes the server from all others; nil if the user may not know it.
    package var identity: String?
    package var encoding: String
    package var collation: String
    package var characterType: String
    package var bytes: Int
  }

  /// How long each part took, in milliseconds.
  package struct Times: Sendable, Hashable {
    package var dump: Int
    package var counting: Int
    package var checksums: Int
  }

  package var name: String
  /// Drawn for this backup alone.
  package var id: String
  package var contents: Contents
  package var created: Moment
  package var note: String?
  package var origin: Origin
  package var plan: String?
  /// The session that was open, by its number and name.
  package var session: String?
  /// Programs and their versions.
  package var tools: [String: String]
  package var jobs: Int
  package var compression: Int
  package var holds: DatabaseContents
  /// Over the definitions of everything but owners and grants; nil for documents.
  package var schemaHash: String?
  /// Roles without which the definitions can't be made.
  package var roles: [String]
  package var files: [File]
  package var times: Times

  /// What can't be restored into an empty database is omitted.
  package var filter: ArchiveFilter { ArchiveFilter(leavesOutForeignKeys: contents == .tables) }

  package var byteCount: Int { files.reduce(0) { $0 + $1.bytes } }

  package static let fileName = "manifest.json"
  static let format = 1
}
