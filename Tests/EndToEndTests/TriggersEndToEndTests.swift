import Foundation
import MigrationCore
import TestSupport
import Testing

/// What follows on its own when a migration goes wrong: each trigger is provoked, and the target
/// checked.
@Suite struct TriggersEndToEndTests {
  private static let early = #"limits: { warnAt: "5%", stopAt: "10%", leastRows: 200 }"#

  private func gone(_ document: JSONValue) -> JSONValue? {
    document["trigger"]?["rollback"]?["rowsGone"]
  }

  @Test func tooManyErrorsTakeTheTableOut() throws {
    let fixture = try TriggersFixture(
      Self.early + #", triggers: { errors: "rollback table", rollback: "on" }"#, faulty: 400)
    let (exitCode, report) = try fixture.migrate.json("run --parallel 1")
    #expect(exitCode == 6)
    #expect(report["ending"] == "stopped")
    #expect(report["stop"]?["code"] == "ERR_003")
    #expect(report["trigger"]?["kind"] == "errors")
    #expect(report["trigger"]?["then"] == "rollback table")
    #expect(report["trigger"]?["rejected"]?.compact.contains("items.name") == true)
    #expect(try fixture.brought("items") == 0)
    #expect(try fixture.brought("parents") == TriggersFixture.parents)
    let state = try targetState(fixture.target.url)
    let missing = fixture.before.filter { !state.contains($0) }
    #expect(missing.map { $0.split(separator: "|")[0] } == ["parents"])

    // Ledger, audit, log and report all say what was done and why.
    let record = try fixture.migrate.json("report rollback").document
    #expect(record["note"]?.textValue?.hasPrefix("by the trigger errors: ") == true)
    #expect(report["trigger"]?["rollback"] == record)
    let run = try psql(fixture.target.url, "select note from migrate.run order by id limit 1")
    #expect(run.hasPrefix("ERR_003 "))
    let audit = try String(
      contentsOfFile: fixture.migrate.folder.path + "/logs/migration-audit.log", encoding: .utf8)
    #expect(audit.contains(#""command":"migrate rollback --tables items""#))
    #expect(audit.contains(#""because":"trigger errors: "#))
    #expect(try fixture.migrate("audit verify").exitCode == 0)
    #expect(try fixture.logged("trigger").count == 1)
    let errors = try String(
      contentsOfFile: fixture.migrate.folder.path + "/migration-errors.log", encoding: .utf8)
    #expect(!errors.isEmpty)

    try psql(fixture.source.url, "update old_items set name = 'mended' where name is null")
    #expect(try fixture.migrate("resume").exitCode == 0)
    #expect(try fixture.brought("items") == TriggersFixture.items)
    #expect(try fixture.migrate("validate --fingerprint").exitCode == 0)
  }

  @Test func errorsAreNotCountedBeforeThereAreRowsEnough() throws {
    let fixture = try TriggersFixture(
      #"triggers: { errors: "rollback session", rollback: "on" }"#, faulty: 60)
    // All of the first 60 rows are rejected, and 4 % of all.
    let (exitCode, report) = try fixture.migrate.json("run --parallel 1")
    #expect(exitCode == 5)
    #expect(report["trigger"] == .null)
    #expect(try fixture.brought("items") == TriggersFixture.items - 60)
  }

  @Test func theSessionIsTakenOutOnlyWithConsent() throws {
    let fixture = try TriggersFixture(
      Self.early + #", triggers: { errors: "rollback session" }"#, faulty: 400)
    // Nobody can be asked here.
    let asked = try fixture.migrate.json("run --parallel 1")
    #expect(asked.exitCode == 6)
    #expect(asked.document["trigger"]?["rollback"] == .null)
    let command = try #require(asked.document["trigger"]?["command"]?.textValue)
    #expect(command == "migrate rollback --session 1")
    #expect(try fixture.brought("parents") == TriggersFixture.parents)
    #expect(try number(fixture.target, "select count(*) from migrate.rollback") == 0)
    #expect(try fixture.migrate(command.dropFirst("migrate ".count) + " --yes").exitCode == 0)
    #expect(try targetState(fixture.target.url) == fixture.before)

    let told = try fixture.migrate("run --parallel 1 --rollback off")
    #expect(told.exitCode == 6)
    #expect(told.output.contains("to roll back: migrate rollback --session 2"))
    #expect(try fixture.migrate("rollback --session 2 --yes").exitCode == 0)
    let done = try fixture.migrate.json("run --parallel 1 --rollback on")
    #expect(done.exitCode == 6)
    #expect(gone(done.document)?.intValue ?? 0 >= TriggersFixture.parents)
    #expect(try targetState(fixture.target.url) == fixture.before)
  }

  @Test func onATerminalTheQuestionIsAsked() throws {
    let fixture = try TriggersFixture(
      Self.early + #", triggers: { errors: "rollback session" }"#, faulty: 400)
    func answer(_ word: String) throws -> Finished {
      try run(
        "/usr/bin/script",
        [
          "-qec", "cd \(fixture.migrate.folder.path) && \(Migrate.executable()) run --parallel 1",
          "/dev/null",
        ], environment: fixture.migrate.environment, input: word + "\n", timeout: .seconds(30))
    }
    let refused = try answer("no")
    #expect(refused.exitCode == 6)
    #expect(refused.output.contains("Type shop to run it now"))
    #expect(try fixture.brought("parents") == TriggersFixture.parents)
    #expect(try fixture.migrate("rollback --session latest --yes").exitCode == 0)
    let agreed = try answer("shop")
    #expect(agreed.exitCode == 6)
    #expect(agreed.output.contains("rolled back session 2"))
    #expect(try targetState(fixture.target.url) == fixture.before)
  }

  @Test func thePlansTimeTakesTheSessionOutAndTheCommandLinesDoesNot() throws {
    let fixture = try TriggersFixture(
      #"limits: { time: "1s" }, triggers: { time: "rollback session", rollback: "on" }"#)
    let (exitCode, report) = try fixture.migrate.json(
      "run --parallel 1 --batch-size 20 --throttle 90%")
    #expect(exitCode == 6)
    #expect(report["stop"]?["code"] == "ERR_006")
    #expect(report["trigger"]?["kind"] == "time")
    #expect(try targetState(fixture.target.url) == fixture.before)

    try fixture.write(#"limits: { time: "1s" }, triggers: { time: "stop", rollback: "on" }"#)
    let paused = try fixture.migrate.json("run --parallel 1 --batch-size 20 --throttle 90%")
    #expect(paused.exitCode == 7)
    #expect(paused.document["trigger"] == .null)
    #expect(try fixture.brought("parents") > 0)
  }

  @Test func memoryOfThePlanTakesTheTableOut() throws {
    let fixture = try TriggersFixture(
      #"limits: { memory: "1MiB" }, triggers: { memory: "rollback table", rollback: "on" }"#)
    let (exitCode, report) = try fixture.migrate.json("run")
    #expect(exitCode == 6)
    #expect(report["stop"]?["code"] == "ERR_007")
    #expect(report["trigger"]?["kind"] == "memory")
    #expect(try targetState(fixture.target.url) == fixture.before)
    // What the command line allows comes before the plan.
    #expect(try fixture.migrate("run --max-memory 4GiB").exitCode == 0)
  }

  @Test(arguments: [TriggersFixture.spoils, TriggersFixture.swallows])
  func rowsThatAreNotAsTheyWereSentTakeTheSessionOut(_ fault: String) throws {
    let fixture = try TriggersFixture(
      #"triggers: { corruption: "rollback session", rollback: "on" }"#, target: fault)
    let (exitCode, report) = try fixture.migrate.json("run")
    #expect(exitCode == 6, "\(report)")
    #expect(report["stop"]?["code"] == "ERR_009")
    #expect(report["trigger"]?["kind"] == "corruption")
    #expect(gone(report)?.intValue ?? 0 >= TriggersFixture.parents)
    #expect(try targetState(fixture.target.url) == fixture.before)
  }

  @Test func corruptionStopsEachRunUntilItIsMended() throws {
    let fixture = try TriggersFixture(
      #"triggers: { corruption: "stop" }"#, target: TriggersFixture.spoils)
    for _ in 0..<2 {
      let (exitCode, report) = try fixture.migrate.json("run")
      #expect(exitCode == 6)
      #expect(report["trigger"]?["rollback"] == .null)
      #expect(report["stop"]?["what"]?.textValue?.contains("items") == true)
    }
    #expect(try fixture.brought("items") == TriggersFixture.items)
    try psql(fixture.target.url, "drop trigger spoils on items")
    #expect(try fixture.migrate("rollback --table items --yes").exitCode == 0)
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(try fixture.migrate("validate --fingerprint").exitCode == 0)
  }

  @Test func aFlagWithoutEffectIsRefused() throws {
    for head in [#"limits: { stopAt: "10%" }"#, #"triggers: { errors: "stop" }"#] {
      let fixture = try TriggersFixture(head)
      for command in ["run --rollback on", "run --rollback ask", "run --empty-tables"] {
        let refused = try fixture.migrate(command)
        #expect(refused.exitCode == 2, "\(command): \(refused.errors)")
        #expect(try fixture.brought("items") == 0)
      }
      #expect(
        try fixture.migrate("run --rollback on").errors.contains("plan shop has none"))
      #expect(try fixture.migrate("run --rollback off").exitCode == 0)
    }
  }

  /// A dry run leaves no rows behind that could be rolled back.
  @Test func aDryRunTakesNothingBack() throws {
    let fixture = try TriggersFixture(
      Self.early + #", triggers: { errors: "rollback session", rollback: "on" }"#, faulty: 400)
    for consent in ["on", "ask"] {
      let refused = try fixture.migrate("run --dry-run --rollback \(consent)")
      #expect(refused.exitCode == 2, "\(refused.errors)")
      #expect(refused.errors.contains("--dry-run"), "\(refused.errors)")
    }
    // What the plan itself says is nothing that somebody would trust a dry run with.
    for line in ["run --dry-run", "run --dry-run --rollback off"] {
      #expect(try fixture.migrate(line).exitCode == 5, "\(line)")
    }
    #expect(try fixture.brought("items") == 0)
  }

  @Test func aValidationThatSaysNoTakesTheSessionOut() throws {
    let fixture = try TriggersFixture(
      #"triggers: { validation: "rollback session", rollback: "on" }"#,
      target: TriggersFixture.spoils)
    let (exitCode, report) = try fixture.migrate.json("run")
    #expect(exitCode == 4, "\(report)")
    #expect(report["ending"] == "completed")
    #expect(report["trigger"]?["kind"] == "validation")
    #expect(gone(report)?.intValue == TriggersFixture.parents + TriggersFixture.items)
    #expect(try targetState(fixture.target.url) == fixture.before)

    try psql(fixture.target.url, "drop trigger spoils on items")
    let sound = try fixture.migrate.json("run")
    #expect(sound.exitCode == 0)
    #expect(sound.document["trigger"] == .null)
    #expect(
      FileManager.default.fileExists(
        atPath: fixture.migrate.folder.path + "/migration-validation-report.json"))
  }

  @Test func aRollbackThatIsInTheWayOfOthersIsToldAsAFailure() throws {
    let fixture = try TriggersFixture(
      Self.early + #", triggers: { errors: "rollback session", rollback: "on" }"#, faulty: 400)
    try psql(
      fixture.target.url,
      "create table notes (parent integer references parents on delete cascade)")
    let first = try fixture.migrate.json("run parents")
    #expect(first.exitCode == 0)
    try psql(fixture.target.url, "insert into notes values (7)")
    let (exitCode, report) = try fixture.migrate.json("run --parallel 1")
    #expect(exitCode == 1)
    #expect(report["trigger"]?["failure"]?["what"]?.textValue?.contains("notes") == true)
    #expect(try fixture.brought("parents") == TriggersFixture.parents)
    #expect(try number(fixture.target, "select count(*) from notes") == 1)
  }
}
