import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// What the runbooks read by grep, tail and wc of a run whose output goes through a pipe.
@Suite struct RunbookReadingEndToEndTests {
  @Test func aPipedRunSaysHowFarItIsAndWhatComesNext() throws {
    var fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    fixture.migrate.environment["MIGRATION_PROGRESS_INTERVAL"] = "100ms"
    #expect(try fixture.migrate("run items --parallel 1 --throttle 80%").exitCode == 5)
    let rest = try fixture.migrate("run")
    #expect(rest.output.contains("Migration Complete"))
    #expect(rest.output.contains("Checkpoint file deleted"))
    #expect(!fixture.exists("migration-checkpoint.json"))
    #expect(rest.output.contains("Next steps:\n  1. Review the errors"))
    #expect(rest.output.contains("Error details: migration-errors.log"))

    let again = try ErrorLimitEndToEndTests.fixture(every: 300)
    var migrate = again.migrate
    migrate.environment["MIGRATION_PROGRESS_INTERVAL"] = "100ms"
    let first = try migrate("run items --parallel 1 --throttle 80%")
    #expect(!first.output.contains("Migration Complete"))
    let lines = first.errors.split(separator: "\n").filter { $0.contains("Progress:") }
    #expect(!lines.isEmpty, "\(first.errors)")
    for line in lines {
      #expect(
        line.contains(/items: Progress: [0-9]+% \([0-9,]+\/[0-9,]+ records\), [0-9,]+ records\/s/),
        "\(line)")
    }
    #expect(lines.contains { $0.contains("/3,000 records)") && $0.contains("ETA:") }, "\(lines)")
  }

  /// A runbook keeps the counts of before in a file, from stdout.
  @Test func aBaselineListsTheRowsOfEachSource() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    let baseline = try fixture.migrate("baseline")
    #expect(baseline.exitCode == 0)
    #expect(
      baseline.output.split(separator: "\n").contains("old_items: 3000"), "\(baseline.output)")
  }

  @Test func theLogOfErrorsIsThereAndSpeaksTheRunbooksWords() throws {
    let clean = try ErrorLimitEndToEndTests.fixture(every: 5000)
    #expect(try clean.migrate("run").exitCode == 0)
    let file = clean.migrate.folder.path + "/migration-errors.log"
    #expect(try String(contentsOfFile: file, encoding: .utf8).isEmpty)

    let fixture = try TriggersFixture(#"limits: { warnAt: "99%", stopAt: "100%" }"#, faulty: 5)
    try psql(
      fixture.source.url,
      "update old_items set parent = 77 where id between 100 and 102; create table more (id int)")
    #expect(try fixture.migrate("run").exitCode == 5)
    func shell(_ line: String) throws -> String {
      try mustRun("/bin/sh", ["-c", "cd '\(fixture.migrate.folder.path)' && " + line])
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }
    #expect(try shell("wc -l < migration-errors.log") == "8")
    #expect(try shell("grep -c 'Foreign key constraint violation' migration-errors.log") == "3")
    #expect(try shell("grep -c 'transformation error' migration-errors.log") == "5")
    #expect(try shell("grep -c 'Transformation error' migration-errors.log") == "5")
    #expect(
      try shell("grep 'Error:' migration-errors.log | sort | cut -d, -f1 | uniq -c | wc -l") == "2")
  }

  @Test func aValidationThatPassesSaysThatItIsSafeToProceed() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    #expect(try fixture.migrate("run").exitCode == 5)
    let whole = try fixture.migrate("validate")
    #expect(whole.output.contains("VALIDATION PASSED\nSafe to proceed"))
    for part in ["validate --table items", "validate --layers counts", "validate --without-source"]
    {
      let told = try fixture.migrate(part)
      #expect(told.exitCode == 0, "\(part)")
      #expect(!told.output.contains("Safe to proceed"), "\(part)")
    }
    _ = try fixture.query("delete from items where id = 1")
    #expect(!(try fixture.migrate("validate").output.contains("PASSED")))
  }

  /// The terminal's Ctrl+C ends `tee` as well, so that the pipe has no reader.
  @Test func aPauseIsToldOnTheTerminalWhenThePipeIsGone() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    let migrate = fixture.migrate
    // What is said before the run listens to signals is written by a thread that must not take them.
    try "MIGRATION_HASH_KEY=a-key-of-the-tests-alone\n".write(
      toFile: migrate.folder.path + "/.env", atomically: true, encoding: .utf8)
    chmod(migrate.folder.path + "/.env", 0o644)
    let line =
      "cd \(migrate.folder.path) && { \(try Migrate.executable()) run & echo $! > pid; wait; } 2>&1 | head -n 1"
    let gate = try Gate("items", fixture.target.url, place: "id", level: 500)
    let stopper = Thread {
      try? gate.waitForHeld()
      _ = try? mustRun("/bin/sh", ["-c", "kill -TERM $(cat '\(migrate.folder.path)/pid')"])
      // The pipe that it is said into has no reader; the log has it.
      try? eventually("the run that takes the signal") {
        try String(contentsOfFile: migrate.folder.path + "/logs/migrate.log", encoding: .utf8)
          .contains("stopping")
      }
      try? gate.open()
    }
    stopper.start()
    let told = try run(
      "/usr/bin/script", ["-qec", line, "/dev/null"], environment: migrate.environment, input: "",
      timeout: .seconds(60))
    #expect(told.output.contains("paused (SIGTERM); what is committed is safe"), "\(told.output)")
    #expect(told.output.contains("Continue: migrate resume"), "\(told.output)")
    let log = try String(contentsOfFile: migrate.folder.path + "/logs/migrate.log", encoding: .utf8)
    #expect(log.contains(#""event":"paused""#))
  }

  @Test func aScriptIsFoundInTheListOfProcesses() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    let migrate = fixture.migrate
    _ = try migrate.folder.file(
      "config/scripts.json", #"{ "scripts": { "mongo-to-postgres": "run --plan crm" } }"#)
    let gate = try Gate("items", fixture.target.url, place: "id", level: 500)
    let running = try BackgroundRun(migrate, "mongo-to-postgres")
    try gate.waitForHeld()
    let found = try mustRun(
      "/bin/sh",
      ["-c", "ps aux | grep migrate-mongo-to-postgres | grep -v grep | awk '{print $2}'"])
    #expect(found.split(separator: "\n").contains("\(running.pid)"), "\(found)")
    try running.stop(at: gate, by: SIGTERM)
    #expect(running.end() == 143)
  }
}
