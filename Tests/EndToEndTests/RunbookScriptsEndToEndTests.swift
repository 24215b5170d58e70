import Foundation
import MigrationCore
import TestSupport
import Testing

/// The scripts as the runbooks write them: options of their own, `--` before what is passed on, help.
@Suite struct RunbookScriptsEndToEndTests {
  /// A plan of the tests with the scripts of the repository.
  private func fixture(every: Int = 300) throws -> TablesFixture {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: every)
    let scripts = try String(contentsOfFile: packageRoot + "/config/scripts.json", encoding: .utf8)
    _ = try fixture.migrate.folder.file("config/scripts.json", scripts)
    return fixture
  }

  @Test func scriptsTakeOptionsOfTheirOwn() throws {
    let fixture = try fixture()
    let migrate = fixture.migrate
    for (size, rows) in [("small", 1000), ("medium", 3000)] {
      let (exitCode, report) = try migrate.json("migration:test-sample --size=\(size)")
      #expect(exitCode == 5, "\(report)")
      #expect(report["dryRun"] == true)
      #expect(report["tables"]?[0]?["read"] == .int(rows))
    }
    let refused = try migrate("test-sample --size=huge")
    #expect(refused.exitCode == 2)
    #expect(refused.errors.contains("one of small, medium, large"), "\(refused.errors)")

    #expect(try migrate("run").exitCode == 5)
    for (words, records) in [("--count=7", 7), ("--count 20", 20), ("-- --count=9", 9), ("", 100)] {
      let (exitCode, report) = try migrate.json("verify-samples " + words)
      #expect(exitCode == 0)
      let found = report["sampleRecordValidation"]?["records"]?.intValue ?? 0
      // Each feed gives the wanted number, and always its extremes.
      #expect(found >= records + min(records, 50) && found < records + 62, "\(words): \(found)")
    }
    #expect(try migrate("verify-samples --count=many").exitCode == 2)
    #expect(try migrate("verify-samples --count").exitCode == 2)
    #expect(try migrate("scripts").output.contains("[--size=small|medium|large]"))
  }

  @Test func helpIsHelpBehindAnyName() throws {
    let fixture = try fixture()
    for line in ["items -- --help", "migration:items -- --help", "items --help"] {
      let help = try fixture.migrate(line)
      #expect(help.exitCode == 0, "\(line): \(help.errors)")
      #expect(help.output.contains("migrate run"), "\(line)")
    }
    let both = try fixture.migrate("emergency-rollback -- --help")
    #expect(both.exitCode == 0)
    #expect(both.output.contains("migrate stop") && both.output.contains("migrate rollback"))
    #expect(try fixture.query("select count(*) from items") == "0")
    #expect(try fixture.migrate("items -- --json --limit 5").output.contains("\"openRows\""))
  }

  @Test func optionsThatNoCommandLineTakesAreRefused() throws {
    let fixture = try fixture()
    let wrong = [
      #"{ "x": { "run": "run", "options": { "count": { "default": "1" } } } }"#,
      #"{ "x": { "run": "run --limit {count}", "options": { "count": {} } } }"#,
      #"{ "x": { "run": "run --limit {count}" } }"#,
      #"{ "x": { "options": {} } }"#,
    ]
    for scripts in wrong {
      _ = try fixture.migrate.folder.file("config/scripts.json", "{ \"scripts\": \(scripts) }")
      let refused = try fixture.migrate("scripts")
      #expect(refused.exitCode == 3, "\(scripts)")
      #expect(refused.errors.contains("scripts.json"), "\(refused.errors)")
    }
  }

  @Test func duplicatesAreLookedForInTheTarget() throws {
    let fixture = try fixture()
    #expect(try fixture.migrate("run").exitCode == 5)
    for command in ["find-duplicates --in target", "check-duplicates --table=items"] {
      let (exitCode, found) = try fixture.migrate.json(command)
      #expect(exitCode == 0, "\(found)")
      #expect(found["findings"] == [])
    }
    _ = try fixture.query(
      "alter table items drop constraint items_pkey; insert into items values (1, 'again');")
    try fixture.changePlan(#"from: "old_items","#, #"from: "old_items", unique: ["id"],"#)
    let (exitCode, found) = try fixture.migrate.json("check-duplicates")
    #expect(exitCode == 4)
    #expect(found["findings"]?[0]?["column"] == "id")
    #expect(found["findings"]?[0]?["count"] == 1)
    #expect(found["read"]?.intValue == ErrorLimitEndToEndTests.rows - 10 + 1 + 50)
    let empty = try self.fixture()
    #expect(try empty.migrate("check-duplicates").output.contains("no rows were read"))
  }

  @Test func aRestoreWithoutANameTakesTheLastVerifiedBackup() throws {
    let fixture = try fixture()
    let migrate = fixture.migrate
    _ = try fixture.query("insert into others values (7)")
    #expect(try migrate("db:restore --yes").exitCode == 1)
    #expect(try migrate("backup create").exitCode == 0)
    let unproved = try migrate("db:restore --yes")
    #expect(unproved.exitCode == 1)
    #expect(unproved.errors.contains("no backup of the target is verified"), "\(unproved.errors)")
    #expect(try migrate("backup verify").exitCode == 0)
    _ = try fixture.query("insert into others values (8)")
    #expect(try migrate("backup create").exitCode == 0)
    _ = try fixture.query("insert into others values (9)")
    // Nobody is there to be asked.
    #expect(try migrate("db:restore").exitCode == 2)
    #expect(try fixture.query("select count(*) from others") == "3")
    #expect(try migrate("db:restore --yes").exitCode == 0)
    #expect(try fixture.query("select id from others") == "7")
  }

  @Test func aNamedSessionStaysWhenItsOnlyTableIsRolledBack() throws {
    let fixture = try fixture()
    let migrate = fixture.migrate
    #expect(try migrate("session start --name night").exitCode == 0)
    #expect(try migrate("items").exitCode == 5)
    #expect(try migrate("rollback --table items --yes").exitCode == 0)
    var shown = try migrate.json("session show").document
    #expect(shown["title"] == "night" && shown["status"] == "open", "\(shown)")
    // The plan may be corrected, as nothing of it is loaded.
    try fixture.changePlan(
      #"name: { from: "name", required: true }"#, #"name: { from: "name", default: "?" }"#)
    #expect(try migrate("run").exitCode == 0)
    shown = try migrate.json("session show").document
    #expect(shown["session"] == 1 && shown["title"] == "night" && shown["status"] == "completed")
    #expect(try fixture.query("select count(*) from migrate.session") == "1")
    #expect(try fixture.query("select count(*) from items") == "3000")
    #expect(try migrate("validate --fingerprint").exitCode == 0)
    // Rolled back as a whole, it is given up.
    #expect(try migrate("rollback --session night --yes").exitCode == 0)
    #expect(try migrate.json("session show night").document["status"] == "abandoned")
  }

  @Test func thePlanForProductionNamesTheTriggersOfItsManual() throws {
    let plan = try PlanReader.read(file: packageRoot + "/config/nxt/plan.json5")
    #expect(plan.triggers.rollback == .ask)
    for kind in [Triggers.Kind.errors, .time, .memory, .corruption] {
      #expect(plan.triggers.action(kind) != .stop, "\(kind)")
    }
    #expect(plan.limits.stopErrorShare == 0.1)
    #expect(plan.limits.timeLimit == .seconds(4 * 3600))
    #expect(plan.limits.memoryLimit != nil)
  }
}
