import MigrationBasics
import Mongo

/// Where sample documents go: a MongoDB database, or a folder as mongodump writes it.
protocol CRMOutput: AnyObject {
  /// Checks what is there already, before anything is written.
  func prepare(_ collections: [String], replacing: Bool) throws
  func begin(_ collection: String) throws
  func add(_ bytes: [UInt8]) throws
  func finish() throws
}

/// Inserts documents some thousand at a time.
final class CRMDatabaseOutput: CRMOutput {
  private let client: MongoClient
  private let database: String
  private var namespace: MongoNamespace
  private var waiting: [BSONDocument] = []
  private var byteCount = 0

  init(_ client: MongoClient, database: String) {
    (self.client, self.database) = (client, database)
    namespace = MongoNamespace(database: database, collection: "")
  }

  func prepare(_ collections: [String], replacing: Bool) throws {
    let there = Set(try client.collections(in: database).map(\.name))
    for name in collections where there.contains(name) {
      guard replacing else {
        throw MigrationError(
          .failed,
          "collection \(name) already exists; sample data never mixes with other documents",
          place: "database \(database)",
          remedy: "choose an empty database, or replace the collections with --replace")
      }
      try client.drop(MongoNamespace(database: database, collection: name))
    }
  }

  func begin(_ collection: String) throws {
    namespace = MongoNamespace(database: database, collection: collection)
    try client.createCollection(namespace)
  }

  func add(_ bytes: [UInt8]) throws {
    waiting.append(try BSONDocument(bytes: bytes))
    byteCount += bytes.count
    if byteCount > 4 << 20 { try flush() }
  }

  func finish() throws { try flush() }

  private func flush() throws {
    try client.insert(waiting, into: namespace)
    waiting.removeAll(keepingCapacity: true)
    byteCount = 0
  }
}

/// Writes a folder of a database below the dump's own.
final class CRMDumpOutput: CRMOutput {
  private let writer: DumpWriter
  private let database: String
  private var collection: DumpCollectionWriter?

  init(folder: String, database: String) {
    (writer, self.database) = (DumpWriter(folder: folder), database)
  }

  /// A collection that is there is refused when it is begun; a dump is never changed.
  func prepare(_ collections: [String], replacing: Bool) throws {
    guard replacing else { return }
    throw MigrationError(
      .failed, "--replace cannot replace a dump", place: writer.folder,
      remedy: "remove the folder, or name another one")
  }

  func begin(_ name: String) throws { collection = try writer.collection(database, name) }
  func add(_ bytes: [UInt8]) throws { try collection?.append(BSONDocument(bytes: bytes)) }
  func finish() throws { try collection?.finish() }
}
