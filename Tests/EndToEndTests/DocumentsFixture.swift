import Foundation
import Mongo
import TestSupport
import Testing

/// A MongoDB database and a target of a test's own, a plan between them, and the executable.
final class DocumentsFixture: Sendable {
  let migrate: Migrate
  let target: TemporaryDatabase
  let database: String
  let mongoURL: String

  /// - Parameter tables: the plan's tables as JSON5, what is behind `tables:`.
  init(tables: String, targetSQL: String, mongo server: String? = nil) throws {
    target = try TemporaryDatabase("documents")
    database = "documents_\(UUID().uuidString.prefix(8).lowercased())"
    mongoURL = TestSupport.url(try server ?? TestServers.mongoURL(), database: database)
    var migrate = try Migrate()
    let folder = migrate.folder.path + "/config/crm"
    try FileManager.default.createDirectory(
      atPath: folder + "/schema", withIntermediateDirectories: true)
    _ = try migrate.folder.file(
      "config/crm/plan.json5",
      """
      { name: "crm", source: { kind: "mongo", setting: "MONGODB_URL" }, tables: \(tables) }
      """)
    migrate.environment["MONGODB_URL"] = mongoURL
    migrate.environment["DATABASE_URL"] = target.url
    self.migrate = migrate
    try psql(target.url, targetSQL)
  }

  deinit {
    try? client().dropDatabase(database)
  }

  func client() throws -> MongoClient { try MongoClient(MongoURL(mongoURL)) }

  func namespace(_ name: String) -> MongoNamespace {
    MongoNamespace(database: database, collection: name)
  }

  func insert(_ name: String, _ documents: [BSONDocument]) throws {
    try client().insert(documents, into: namespace(name))
  }

  /// Dumps collections as a folder.
  func dump(_ names: String..., compressed: Bool = false) throws -> String {
    try dump(names, compressed: compressed)
  }

  func dump(_ names: [String], compressed: Bool = false) throws -> String {
    let folder = migrate.folder.path + "/dump-\(UUID().uuidString.prefix(4))"
    let writer = DumpWriter(folder: folder, compressed: compressed)
    for name in names {
      let collection = try writer.collection(database, name)
      try client().find(namespace(name)).forEach { try collection.append($0) }
      try collection.finish()
    }
    return folder
  }

  /// Runs with another source into tables that are emptied first.
  func runAgain(from source: String, _ options: String = "") throws -> Finished {
    var other = migrate
    other.environment["MONGODB_URL"] = source
    return try other("run --fresh --empty-tables --yes " + options)
  }

  func query(_ sql: String) throws -> String { try psql(target.url, sql) }

  /// A digest of all rows of a table.
  func digest(_ table: String) throws -> String {
    try query(
      """
      select count(*) || ' ' || coalesce(md5(string_agg(t::text, chr(10) order by t::text)), '')
      from \(table) t
      """)
  }
}
