import Foundation
import MigrationCore
import TestSupport

/// Two PostgreSQL databases of a test's own, a plan between them, and the executable.
struct TablesFixture {
  let source: TemporaryDatabase
  let target: TemporaryDatabase
  var migrate: Migrate

  /// - Parameter tables: the plan's tables as JSON5, what is behind `tables:`.
  init(
    tables: String, head: String = "limits: { warnAt: \"99%\", stopAt: \"100%\" },",
    sourceSQL: String, targetSQL: String
  ) throws {
    (source, target) = (try TemporaryDatabase("oldtables"), try TemporaryDatabase("newtables"))
    var migrate = try Migrate()
    try FileManager.default.createDirectory(
      atPath: migrate.folder.path + "/config/crm", withIntermediateDirectories: true)
    _ = try migrate.folder.file(
      "config/crm/plan.json5",
      "{ name: \"crm\", source: { kind: \"postgres\" }, \(head) tables: \(tables) }")
    migrate.environment["SOURCE_DATABASE_URL"] = source.url
    migrate.environment["DATABASE_URL"] = target.url
    self.migrate = migrate
    try psql(source.url, sourceSQL)
    try psql(target.url, targetSQL)
  }

  func query(_ sql: String) throws -> String { try psql(target.url, sql) }

  /// Changes the plan's file.
  func changePlan(_ old: String, _ new: String) throws {
    let file = migrate.folder.path + "/config/crm/plan.json5"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    guard text.contains(old) else { throw SubprocessFailure(description: "no \(old) in the plan") }
    try text.replacing(old, with: new).write(toFile: file, atomically: true, encoding: .utf8)
  }

  func exists(_ file: String) -> Bool {
    FileManager.default.fileExists(atPath: migrate.folder.path + "/" + file)
  }
}

extension JSONValue {
  /// An element of a list; nil for what is none, or has not so many.
  subscript(place: Int) -> JSONValue? {
    guard case .array(let elements) = self, elements.indices.contains(place) else { return nil }
    return elements[place]
  }
}
