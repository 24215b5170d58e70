import Foundation
import TestSupport

/// Two PostgreSQL databases, a plan between them, and the executable.
struct PlanFixture {
  let source: TemporaryDatabase
  let target: TemporaryDatabase
  var migrate: Migrate

  /// - Parameters:
  ///   - tables: the plan's tables as JSON5, what is behind `tables:`.
  ///   - head: more members of the plan, such as `rules: [],`.
  init(source sourceSQL: String, target targetSQL: String, tables: String, head: String = "") throws
  {
    source = try TemporaryDatabase("plansource")
    target = try TemporaryDatabase("plantarget")
    try psql(source.url, sourceSQL)
    try psql(target.url, targetSQL)
    migrate = try Migrate()
    try FileManager.default.createDirectory(
      atPath: migrate.folder.path + "/config/shop/schema", withIntermediateDirectories: true)
    migrate.environment["SOURCE_DATABASE_URL"] = source.url
    migrate.environment["DATABASE_URL"] = target.url
    try write(tables, head: head)
  }

  /// Writes the plan again.
  func write(_ tables: String, head: String = "") throws {
    _ = try migrate.folder.file(
      "config/shop/plan.json5",
      """
      { name: "shop", source: { kind: "postgres" }, \(head) tables: \(tables) }
      """)
  }
}
