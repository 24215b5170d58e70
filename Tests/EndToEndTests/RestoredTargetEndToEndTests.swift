import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// A migration on a target that a full rollback has restored, as the manual goes on after it.
@Suite struct RestoredTargetEndToEndTests {
  private func fixture() throws -> TablesFixture {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 5000)
    _ = try fixture.query("insert into others values (7000)")
    #expect(try fixture.migrate("backup create --verify").exitCode == 0)
    return fixture
  }

  /// The databases that full rollbacks have kept.
  private func kept(_ fixture: TablesFixture) throws -> [String] {
    try psql(
      TestServers.postgresURL(),
      "select datname from pg_database where starts_with(datname, '\(fixture.target.name)_before') order by 1"
    ).split(separator: "\n").map(String.init)
  }

  private func dropKept(_ fixture: TablesFixture) {
    for name in (try? kept(fixture)) ?? [] {
      _ = try? psql(
        TestServers.postgresURL(),
        "alter database \"\(name)\" allow_connections true; drop database \"\(name)\"")
    }
  }

  /// The time until somebody answers is not the run's.
  @Test func theAnswerTakesNoneOfTheRunsTime() throws {
    let fixture = try fixture()
    defer { dropKept(fixture) }
    let migrate = fixture.migrate
    #expect(try migrate("rollback --full --yes").exitCode == 0)
    let terminal = try PseudoTerminal()
    let files = (out: migrate.folder.path + "/out", errors: migrate.folder.path + "/errors")
    let pid = try spawn(
      ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "run"],
      migrate.environment, input: terminal.path, output: files.out, errors: files.errors)
    defer { kill(pid, SIGKILL) }
    try eventually("the question", within: .seconds(60)) {
      try String(contentsOfFile: files.errors, encoding: .utf8).contains("to continue: ")
    }
    sleep(15)
    terminal.type("\(fixture.target.name)\n")
    #expect(waitForEnd(of: pid, until: .now + .seconds(60)) == 0)
    let shown = try String(contentsOfFile: files.out, encoding: .utf8)
    let time = try #require(shown.firstMatch(of: /Duration: ([0-9.]+) (m?s)/))
    #expect(time.2 == "ms" || (Double(time.1) ?? 99) < 14, "\(shown)")
  }

  @Test func theManualsFourStepsAreOneCommandAndTheNextRunBegins() throws {
    let fixture = try fixture()
    defer { dropKept(fixture) }
    let migrate = fixture.migrate
    let run = try BackgroundRun(migrate, "run --parallel 1 --throttle 90%")
    try run.waitForChunks(2, in: fixture.target)
    let back = try migrate("rollback --full --yes")
    #expect(back.exitCode == 0, "\(back.errors)")
    #expect(run.end() == 7, "\(run.errors)")
    #expect(
      try fixture.query("select (select count(*) from items), (select count(*) from others)")
        == "0|1")
    #expect(back.output.contains("compared with the manifest"), "\(back.output)")
    #expect(back.output.contains("Rollback report: "), "\(back.output)")
    #expect(back.output.contains("or migrate again: migrate run"), "\(back.output)")
    let report = try JSONValue.parse(
      String(
        contentsOfFile: migrate.folder.path + "/migration-rollback-report.json", encoding: .utf8))
    #expect(report["rollback"]?["stage"] == "swapped" && report["restored"]?["equal"] == true)

    // Nobody is there to be asked: it begins, and says what is kept.
    let aside = try #require(try kept(fixture).first)
    let again = try migrate("run items")
    #expect(again.exitCode == 0, "\(again.errors)")
    #expect(again.errors.contains("the previous database is kept as \(aside)"), "\(again.errors)")
    #expect(again.errors.contains("migrate rollback undo drops what a run loads now"))
    #expect(try fixture.query("select count(*) from items") == "3000")
    #expect(try migrate.json("status").document["fullRollback"]?["stage"] == "swapped")
    // Rows are rolled back, retried and validated as always.
    #expect(try migrate("rollback --table items --yes").exitCode == 0)
    let verified = try migrate("rollback verify")
    #expect(
      verified.exitCode == 0 && !verified.output.contains("as in backup_"), "\(verified.output)")
    #expect(try migrate.json("report rollback").document["scope"] != nil)
    #expect(try migrate("run").exitCode == 0)
    #expect(try migrate("retry").exitCode == 0)
    #expect(try migrate("validate").exitCode == 0)
    #expect(try kept(fixture) == [aside])

    // Once more, from the start: what the first one kept stays.
    let twice = try migrate("rollback --full --yes")
    #expect(twice.exitCode == 0, "\(twice.errors)")
    #expect(twice.errors.contains("\(aside), kept by the full rollback before, stays"))
    #expect(try kept(fixture).count == 2 && kept(fixture).contains(aside))
    #expect(try fixture.query("select count(*) from items") == "0")
    #expect(try migrate("run").exitCode == 0)
    #expect(try migrate("rollback commit --yes").exitCode == 1)
    #expect(try migrate("rollback commit --unverified --yes").exitCode == 0)
    #expect(try kept(fixture) == [aside])
    #expect(try fixture.query("select count(*) from items") == "3000")
    #expect(try migrate("audit verify").exitCode == 0)
  }

  @Test func onATerminalTheFirstRunAsks() throws {
    let fixture = try fixture()
    defer { dropKept(fixture) }
    #expect(try fixture.migrate("rollback --full --yes").exitCode == 0)
    func typed(_ answer: String, _ line: String = "run") throws -> Finished {
      try run(
        "/usr/bin/script",
        [
          "-qec", "cd '\(fixture.migrate.folder.path)' && \(Migrate.executable()) \(line)",
          "/dev/null",
        ],
        environment: fixture.migrate.environment, input: answer + "\n", timeout: .seconds(60))
    }
    let refused = try typed("no")
    #expect(refused.exitCode == 1, "\(refused.output)")
    #expect(refused.output.contains("Type \(fixture.target.name) to continue"), "\(refused.output)")
    #expect(try fixture.query("select count(*) from items") == "0")
    #expect(try typed("", "run --yes items").exitCode == 0)
    #expect(try fixture.query("select count(*) from items") == "3000")
    // It is asked once.
    let second = try typed("")
    #expect(second.exitCode == 0, "\(second.output)")
    #expect(second.output.contains("is kept as"), "\(second.output)")
    #expect(try kept(fixture).count == 1)
  }

  @Test func aRollbackIsNotUndoneUnderAMigrationAtWork() throws {
    let fixture = try fixture()
    defer { dropKept(fixture) }
    let migrate = fixture.migrate
    #expect(try migrate("run items").exitCode == 0)
    #expect(try migrate("rollback --full --yes").exitCode == 0)
    #expect(try fixture.query("select count(*) from items") == "0")
    let run = try BackgroundRun(migrate, "run items --parallel 1 --throttle 90%")
    try run.waitForChunks(2, in: fixture.target)
    let refused = try migrate("rollback undo --yes")
    #expect(refused.exitCode == 8, "\(refused.errors)")
    #expect(refused.errors.contains("migrate stop"), "\(refused.errors)")
    kill(run.pid, SIGINT)
    #expect(run.end() == 7)
    #expect(try migrate("rollback undo --yes").exitCode == 0)
    #expect(try fixture.query("select count(*) from items") == "3000")
    #expect(try kept(fixture).isEmpty)
  }
}
