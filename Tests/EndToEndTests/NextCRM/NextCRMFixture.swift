import Foundation
import MigrationCore
import Mongo
import TestSupport

/// NextCRM's sample documents, in a database or in a dump, and a target to move them to.
final class NextCRMFixture {
  let migrate: Migrate
  let target: TemporaryDatabase
  private let mongo: String?

  /// A dump of faulty sample data that all tests share, and what its manifest says.
  static let dump: Result<(folder: TemporaryFolder, manifest: JSONValue), any Error> = Result {
    let folder = try TemporaryFolder()
    let migrate = try NextCRMFixture.migrate(
      source: "dump:" + folder.path + "/dump", target: "postgres:///x")
    let (exitCode, manifest) = try migrate.json(sample)
    guard exitCode == 0 else { throw SubprocessFailure(description: manifest.pretty) }
    return (folder, manifest)
  }

  static let sample = "sample --rows 250 --dirty 8 --seed 3"

  /// - Parameter isLive: whether the same documents are read from a server.
  init(isLive: Bool) throws {
    target = try TemporaryDatabase("nextcrm")
    if isLive {
      let url = TestSupport.url(
        try TestServers.mongoURL(), database: "nextcrm_\(UUID().uuidString.prefix(8))")
      mongo = url
      migrate = try Self.migrate(source: url, target: target.url)
      let made = try migrate(Self.sample)
      guard made.exitCode == 0 else { throw SubprocessFailure(description: made.errors) }
    } else {
      mongo = nil
      let folder = try Self.dump.get().folder
      migrate = try Self.migrate(source: "dump:" + folder.path + "/dump", target: target.url)
    }
  }

  deinit {
    guard let mongo, let url = try? MongoURL(mongo), let database = url.database else { return }
    try? MongoClient(url).dropDatabase(database)
  }

  static func migrate(source: String, target: String) throws -> Migrate {
    var migrate = try Migrate()
    migrate.environment["MONGODB_URL"] = source
    migrate.environment["DATABASE_URL"] = target
    migrate.environment["MIGRATION_CONFIG_DIR"] = packageRoot + "/config"
    return migrate
  }

  /// The documents of a collection, read from the files of the dump.
  static func documents(_ collection: String) throws -> [BSONDocument] {
    let file = try dump.get().folder.path + "/dump/nextcrm/\(collection).bson"
    let data = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
    var documents: [BSONDocument] = []
    var start = 0
    while start < data.count {
      let length = (0..<4).reduce(0) { $0 | Int(data[start + $1]) << (8 * $1) }
      documents.append(try BSONDocument(bytes: Array(data[start..<start + length])))
      start += length
    }
    return documents
  }

  /// Makes the target's tables and moves everything.
  ///
  /// - Parameter kills: how often the program is killed before it may come to an end.
  func move(kills: Int = 0) throws -> JSONValue {
    guard try migrate("db migrate").exitCode == 0 else {
      throw SubprocessFailure(description: "the target's tables can't be made")
    }
    for _ in 0..<kills {
      let pid = try spawn(
        ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "mongo-to-postgres"],
        migrate.environment, output: "/dev/null", errors: "/dev/null")
      usleep(UInt32.random(in: 100_000...1_500_000))
      kill(pid, SIGKILL)
      _ = waitForEnd(of: pid, until: .now + .seconds(120))
    }
    let (exitCode, document) = try migrate.json("mongo-to-postgres")
    // Faulty documents are quarantined.
    guard exitCode == 5 else { throw SubprocessFailure(description: document.pretty) }
    return document
  }

  /// The rows of a table by their ids, with times in milliseconds since 1970.
  func rows(_ table: NextCRMFacts.Table) throws -> [String: JSONValue] {
    let times = table.columns.filter { $0.type.hasPrefix("timestamp") }.map { column in
      "'\(column.name)', (extract(epoch from t.\"\(column.name)\") * 1000)::bigint"
    }
    let lines = try psql(
      target.url,
      """
      select to_jsonb(t) || jsonb_build_object(\(times.joined(separator: ", ")))
      from "\(table.name)" t
      """)
    return Dictionary(
      uniqueKeysWithValues: try lines.split(separator: "\n").map { line in
        let row = try JSONValue.parse(String(line))
        return (row["id"]?.textValue ?? "", row)
      })
  }
}

extension JSONValue {
  var textValue: String? { if case .text(let text) = self { text } else { nil } }
  /// The same value with whole numbers in one form, and the keys of objects in one order.
  var leveled: JSONValue {
    switch self {
    case .double(let number) where number == number.rounded(): .int(Int(number))
    case .array(let elements): .array(elements.map(\.leveled))
    case .object(let object):
      .object(
        JSONObject(
          object.members.map { ($0.key, $0.value.leveled) }.sorted { $0.0 < $1.0 }))
    default: self
    }
  }

  var intValue: Int? { if case .int(let int) = self { int } else { nil } }
}
