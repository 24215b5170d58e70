// What mongodump writes, read without loading it: a folder, or one archive file.
//
// Nothing is ever taken for granted: each document is checked at every level before it is lent,
// and any damage is a `DumpError` with file and byte. A reader holds a window of a megabyte, or of
// one document if that is larger, however large the dump is.

/// A collection that a dump holds.
public struct DumpedCollection: Hashable, Sendable {
  /// What the collection is to MongoDB.
  public enum Kind: String, Hashable, Sendable {
    /// Documents of its own.
    case collection
    /// A query kept under a name: it has options and no documents.
    case view
    /// Measurements. What a dump holds of them are MongoDB's own bucket documents.
    case timeseries
  }

  public let database: String
  public let name: String
  public let kind: Kind
  /// Options, indexes and uuid, as far as the dump has them.
  public let metadata: DumpMetadata
  /// The file with the documents; nil if there are none, as for a view.
  public let file: String?
  /// How many bytes of documents there are; nil if they would have to be read.
  public let byteCount: Int64?
  /// Whether byte ranges can be read, as from a `.bson` that is not compressed.
  public let allowsRanges: Bool

  /// How many documents there are, if that is known without reading: only for none at all.
  public var documentCount: Int64? { file == nil || byteCount == 0 ? 0 : nil }

  /// Whether the collection is MongoDB's own, such as `system.profile` or `$admin.system.users`.
  public var isSystem: Bool { name.hasPrefix("system.") || name.hasPrefix("$") }

  /// The database and the name, with a dot between them.
  public var namespace: String { "\(database).\(name)" }
}

/// A document of a dump, lent for one call.
public struct DumpedDocument {
  /// The document; it must not be kept beyond the call.
  public let view: DocumentView
  public let file: String
  /// Where it begins in the file, after decompression.
  public let offset: Int64
}

/// How documents are checked before they are lent; their structure always is.
public struct DumpReadOptions: Sendable {
  /// Whether text that is not UTF-8 is damage. Turned off, it is left to who reads the fields.
  public var checksText: Bool

  public init(checksText: Bool = true) { self.checksText = checksText }
}

/// A dump that can be listed and read, again and again and from several threads at once.
public protocol DumpSource: Sendable {
  /// The folder or file that was opened.
  var path: String { get }
  /// The collections, by database and name.
  var collections: [DumpedCollection] { get }
  /// What lies in the dump and is not read, such as the oplog: one sentence each.
  var notes: [String] { get }

  /// Looks through the oplog; nil if the dump has none.
  func oplog() throws -> DumpOplog?

  /// Lends one collection's documents in the order of the file.
  ///
  /// - Throws: `DumpError` at the first damage, or what the closure throws, which ends the reading.
  func read(
    _ collection: DumpedCollection, options: DumpReadOptions,
    _ body: (DumpedDocument) throws -> Void
  ) throws

  /// Lends the documents of all collections; in an archive in one pass, in the order found there.
  func readAll(
    options: DumpReadOptions, _ body: (DumpedCollection, DumpedDocument) throws -> Void
  ) throws
}

extension DumpSource {
  /// Finds a collection by name.
  public func collection(_ database: String, _ name: String) throws(DumpError) -> DumpedCollection {
    guard let found = collections.first(where: { $0.database == database && $0.name == name })
    else {
      throw DumpError(
        .noCollection, file: path, reason: "the dump has no collection \(database).\(name)")
    }
    return found
  }
}

/// Opens what mongodump wrote, of whichever form it is.
public enum Dump {
  /// Opens a folder of databases, a folder of one database, or an archive file.
  public static func open(_ path: String) throws(DumpError) -> any DumpSource {
    switch try FileKind(of: path) {
    case .folder: try DumpFolder(path)
    case .file: try DumpArchive(path)
    }
  }
}
