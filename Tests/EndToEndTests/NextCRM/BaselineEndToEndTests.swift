import Foundation
import MigrationCore
import TestSupport
import Testing

/// Counts before and after a migration.
@Suite struct BaselineEndToEndTests {
  @Test func tellsWhatHasChangedSince() throws {
    let source = try TemporaryDatabase("baseline")
    let target = try TemporaryDatabase("baseline_target")
    var migrate = try Migrate()
    migrate.environment["SOURCE_DATABASE_URL"] = source.url
    migrate.environment["DATABASE_URL"] = target.url
    migrate.environment["MIGRATION_CONFIG_DIR"] = packageRoot + "/config"
    #expect(try migrate("baseline --compare").exitCode == 1)
    #expect(try migrate("sample --rows 100").exitCode == 0)

    let (exitCode, before) = try migrate.json("baseline")
    #expect(exitCode == 0)
    #expect(before["source"]?["legacy_customers"] == 100)
    #expect(before["target"]?["customers"] == .null)
    #expect((before["machine"]?["memoryBytes"]?.intValue ?? 0) > 1 << 20)
    #expect((before["machine"]?["freeDiskBytes"]?.intValue ?? 0) > 0)

    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try migrate("run --all").exitCode == 0)
    let (same, after) = try migrate.json("baseline --compare")
    #expect(same == 0)
    guard case .array(let lines)? = after["target"] else {
      Issue.record("no comparison")
      return
    }
    #expect(
      lines.first { $0["name"] == "customers" }
        == ["name": "customers", "before": nil, "now": 100, "change": 100])
    try psql(
      source.url,
      "delete from legacy_customers where id in (select id from legacy_customers limit 1)")
    let changed = try migrate("baseline --compare")
    #expect(changed.exitCode == 4)
    #expect(changed.output.contains("the number of source rows changed"))

    try "{}".write(
      toFile: migrate.folder.path + "/migration-baseline.json", atomically: true, encoding: .utf8)
    let damaged = try migrate("baseline --compare")
    #expect(damaged.exitCode == 1)
    #expect(damaged.errors.contains("migration-baseline.json"))
  }
}
