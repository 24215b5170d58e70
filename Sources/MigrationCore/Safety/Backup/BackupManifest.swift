/// What a backup holds and where it comes from, as its own manifest says.
public struct BackupManifest: Sendable, Hashable {
  /// What is put back when it is restored.
  public enum Contents: String, Sendable, CaseIterable {
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

  public struct File: Sendable, Hashable {
    /// Below the backup's folder.
    public let path: String
    public let bytes: Int
    public let sha256: String
  }

  /// The server and the database that were read.
  public struct Origin: Sendable, Hashable {
    /// `target` or `source`.
    public var role: String
    public var product: String
    public var version: String
    /// The first number of the version.
    public var majorVersion: Int
    /// The host and port, without secrets.
    public var place: String
    public var database: String
    public var user: String
    /// What tells the server from all others; nil where the user may not know it.
    public var identity: String?
    public var encoding: String
    public var collation: String
    public var characterType: String
    public var bytes: Int
  }

  /// How long each part took, in milliseconds.
  public struct Times: Sendable, Hashable {
    public var dump: Int
    public var counting: Int
    public var checksums: Int
  }

  public var name: String
  /// Drawn for this backup alone.
  public var id: String
  public var contents: Contents
  public var created: Moment
  public var note: String?
  public var origin: Origin
  public var plan: String?
  /// The session that was open, by its number and name.
  public var session: String?
  /// Programs and their versions.
  public var tools: [String: String]
  public var jobs: Int
  public var compression: Int
  public var holds: DatabaseContents
  /// Over the definitions of everything but owners and grants; nil for documents.
  public var schemaHash: String?
  /// Roles without which the definitions can't be made.
  public var roles: [String]
  public var files: [File]
  public var times: Times

  /// What can't be restored into an empty database is left out.
  var filter: ArchiveFilter { ArchiveFilter(leavesOutForeignKeys: contents == .tables) }

  public var byteCount: Int { files.reduce(0) { $0 + $1.bytes } }

  static let fileName = "manifest.json"
  static let format = 1
}
