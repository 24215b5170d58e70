import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// One value of a setting counts in a run, wherever it is said.
@Suite struct RunSettingsEndToEndTests {
  private func fixture(_ head: String = "") throws -> PlanFixture {
    try PlanFixture(
      source: """
        create table old_items (id int primary key, name text);
        insert into old_items select n, 'item ' || n from generate_series(1, 1000) n;
        """,
      target: "create table items (id int primary key, name text)",
      tables: #"{ items: { from: "old_items", key: "id", columns: { id: "id", name: "name" } } }"#,
      head: head)
  }

  private func largest(_ fixture: PlanFixture) throws -> String {
    try psql(fixture.target.url, "select max(rows_read) from migrate.chunk")
  }

  @Test func thePlanIsAPlaceOfSettings() throws {
    let fixture = try fixture(#"settings: { MIGRATION_BATCH_SIZE: 70, DATABASE_POOL_SIZE: 12 },"#)
    let (code, document) = try fixture.migrate.json(
      "config MIGRATION_BATCH_SIZE DATABASE_POOL_SIZE")
    #expect(code == 0)
    #expect(document["settings"]?[0]?["value"] == "70")
    #expect(document["settings"]?[0]?["origin"] == "plan")
    #expect(document["settings"]?[1]?["origin"] == "plan")
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(try largest(fixture) == "70")
  }

  @Test func everyOtherPlaceIsStrongerThanThePlan() throws {
    var fixture = try fixture(#"settings: { MIGRATION_BATCH_SIZE: 70 },"#)
    fixture.migrate.environment["MIGRATION_BATCH_SIZE"] = "90"
    let shown = try fixture.migrate.json("config MIGRATION_BATCH_SIZE").document
    #expect(shown["settings"]?[0]?["hides"]?[0]?["origin"] == "plan")
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(try largest(fixture) == "90")
  }

  @Test func aPlanThatMayNotSetWhatItSetsIsNotRun() throws {
    let fixture = try fixture(#"settings: { NOTIFY_COMMAND: "true" },"#)
    let finished = try fixture.migrate("run")
    #expect(finished.exitCode == 3)
    #expect(finished.errors.contains("NOTIFY_COMMAND cannot be set by a plan"))
    let shown = try fixture.migrate("config")
    #expect(shown.exitCode == 0)
    #expect(shown.errors.contains("the settings of the plan shop are ignored"))
  }

  /// A setting by `--set` is on the command line as much as one by its own option.
  @Test func whatTheCommandLineSetsIsStrongerThanWhatWasConfigured() throws {
    let fixture = try fixture()
    #expect(try fixture.migrate("session start --plan shop").exitCode == 0)
    #expect(try fixture.migrate("configure --batch-size 50").exitCode == 0)
    #expect(try fixture.migrate("resume --set MIGRATION_BATCH_SIZE=80").exitCode == 0)
    #expect(try largest(fixture) == "80")
  }

  /// Twice the time is twice what the run has, and not twice the setting.
  @Test func aTimeGrowsFromWhatCounts() throws {
    let fixture = try fixture()
    let run = try BackgroundRun(
      fixture.migrate, "run --batch-size 20 --parallel 1 --throttle 90% --timeout 10m")
    try run.waitForChunks(3, in: fixture.target)
    let changed = try fixture.migrate.json("configure --timeout +100% --throttle 0").document
    #expect(changed["changes"]?["timeout"] == .int(1_200_000))
    #expect(run.end() == 0)
  }

  @Test func autoIsANumberOfLanes() throws {
    var fixture = try fixture()
    fixture.migrate.environment["MIGRATION_PARALLEL_MAX_CONCURRENT"] = "1"
    let finished = try fixture.migrate("run --batch-size 20 --parallel auto")
    #expect(finished.exitCode == 0)
    #expect(finished.errors.contains("items: 1,000 rows, 2 lanes"))
    #expect(try fixture.migrate("run --parallel 0").exitCode == 2)
    #expect(try fixture.migrate("run --limit 0").exitCode == 2)
  }
}
