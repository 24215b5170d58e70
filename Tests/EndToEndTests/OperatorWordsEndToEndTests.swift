import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// What an operator reads agrees with what is done, from the first line of a run to the report.
@Suite struct OperatorWordsEndToEndTests {
  @Test func theHeaderShowsWhatIsConfiguredAndTheSessionByItsName() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    let migrate = fixture.migrate
    #expect(try migrate("session start --name night").exitCode == 0)
    let configured = try migrate("configure --batch-size 70 --throttle 10% --timeout 10m")
    let words = "configured: batch size 70 rows, lanes rest 10% of the time, timeout 10 min"
    #expect(configured.output.contains(words), "\(configured.output)")
    #expect(try migrate("configure").output.contains(words))
    usleep(1_200_000)
    let first = try migrate("run items")
    for line in ["batch size: 70 rows", words, "continuing session 1 (night)"] {
      #expect(first.errors.contains(line), "\(line): \(first.errors)")
    }
    #expect(try fixture.query("select count(*) from migrate.chunk") == "43")
    #expect(first.output.contains("Session: 1 (night) of crm"), "\(first.output)")
    // Start and end would contradict the time of the run alone.
    #expect(
      first.output.contains(/Duration: [0-9.]+ m?s of this run, [0-9.]+ s since the start/),
      "\(first.output)")
    #expect(try migrate("status").output.hasPrefix("session 1 (night) of crm: open"))
    // The command line has precedence.
    let second = try migrate("run --batch-size 20")
    #expect(second.errors.contains("batch size: 20 rows"), "\(second.errors)")
  }

  @Test func theProgressCountsRowsThatWaitInQuarantine() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    #expect(try fixture.migrate("run").exitCode == 5)
    #expect(try fixture.migrate("progress").output.contains("done  10 quarantined"))
    try psql(fixture.source.url, "update old_items set name = 'mended' where id in (300, 600)")
    #expect(try fixture.migrate("retry").exitCode == 5)
    let progress = try fixture.migrate("progress")
    #expect(progress.output.contains("done  8 quarantined"), "\(progress.output)")
    let (_, document) = try fixture.migrate.json("progress")
    #expect(document["tables"]?[0]?["quarantined"] == 8)
  }

  @Test func aDryRunThatARunWouldNotSurviveHasNoGoodMark() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture()
    let dry = try fixture.migrate("run --dry-run")
    #expect(dry.exitCode == 5)
    #expect(dry.output.contains("[warning] items: 3,000 read"), "\(dry.output)")
    #expect(dry.output.contains("[ok] others: 50 read"))
    let accepted = try fixture.migrate("run --accept-rejects 20%")
    #expect(accepted.exitCode == 0 && accepted.output.contains("[warning] items: 3,000 read"))
    // The hint names no command that does not exist.
    let doubled = try TablesFixture(
      tables: #"{ items: { from: "old", key: "id", sameColumns: ["id", "code"] } }"#,
      sourceSQL: """
        create table old (id integer primary key, code text);
        insert into old values (1, 'a'), (2, 'a');
        """,
      targetSQL: "create table items (id integer primary key, code text unique)")
    #expect(try doubled.migrate("run").exitCode == 5)
    let errors = try doubled.migrate("errors --details")
    #expect(errors.output.contains("change one of them in the source, and retry"))
  }

  @Test func linesAreNotSaidTwiceAndPathsHaveNoNeedlessSteps() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 5000)
    let backup = try fixture.migrate("backup create --verify")
    #expect(backup.exitCode == 0, "\(backup.errors)")
    let lines = backup.output.split(separator: "\n").map(String.init)
    #expect(Set(lines).count == lines.count, "\(backup.output)")
    for (line, words) in zip(
      lines, ["Backup created: ", "Backup size: ", "Backup integrity: ", "Restore test: "])
    { #expect(line.contains(words), "\(backup.output)") }
    #expect(try fixture.migrate("run").exitCode == 0)
    var migrate = fixture.migrate
    for line in [
      "validate", "report audit", "report incident", "check", "baseline", "receipt write",
    ] {
      let shown = try migrate(line)
      #expect(!(shown.output + shown.errors).contains("/./"), "\(line): \(shown.output)")
      #expect(!(shown.output + shown.errors).contains("/. "), "\(line): \(shown.output)")
    }
    migrate.environment["MIGRATION_REPORT_DIR"] = "./reports//"
    migrate.environment["MIGRATION_LOG_DIR"] = "./logs/"
    let shown = try migrate("validate")
    // The temporary folder's own path may have a step too many.
    let folder = migrate.folder.path.replacingOccurrences(of: "//", with: "/")
    let report = folder + "/reports/migration-validation-report.json"
    #expect(shown.output.contains("The whole report: \(report)\n"), "\(shown.output)")
    #expect(shown.output.contains("of 0 kinds"))
    #expect(FileManager.default.fileExists(atPath: report))
  }

  /// What comes next is decided when the last command of a script is done.
  @Test func aCommandThatOthersFollowProposesNoNextStep() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    _ = try fixture.migrate.folder.file(
      "config/scripts.json", #"{ "scripts": { "emergency": ["stop --now", "stop --now"] } }"#)
    #expect(try fixture.migrate("run items").exitCode == 5)
    #expect(try fixture.migrate("stop --now").output.contains("next: migrate resume"))
    let both = try fixture.migrate("emergency")
    #expect(both.exitCode == 0)
    #expect(
      both.output.components(separatedBy: "next: migrate resume").count == 2, "\(both.output)")
  }

  @Test func aRoleThatIsNotThereIsNoQuestion() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    let gone = try fixture.migrate("revoke-temp-permissions --name nobody_here")
    #expect(gone.exitCode == 1, "\(gone.errors)")
    #expect(gone.errors.contains("role nobody_here does not exist"), "\(gone.errors)")
    #expect(!gone.errors.contains("This removes"), "\(gone.errors)")
  }

  @Test func anUnknownCommandOfAFamilyIsCalledSo() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    for line in ["db:analyze-all", "db:vacuum-analyze", "db analyze", "session list-all"] {
      let unknown = try fixture.migrate(line)
      #expect(unknown.exitCode == 2)
      #expect(
        unknown.errors.contains("unknown command or script \"\(line)\""), "\(unknown.errors)")
    }
    let near = try fixture.migrate("db:analyze")
    #expect(near.errors.contains("hint: use one of: db:"), "\(near.errors)")
    #expect(near.errors.contains("db:status"), "\(near.errors)")
  }
}
