import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// What a run says of itself: its speed, why it stops, what a dry run would quarantine, and what it leaves behind.
@Suite struct RunWordsEndToEndTests {
  private func fixture(rows: Int = 1000, faulty: Int = 0) throws -> TablesFixture {
    try TablesFixture(
      tables: """
        { items: { from: "old_items", key: "id", columns: {
            id: "id", name: { from: "name", required: true } } } }
        """,
      sourceSQL: """
        create table old_items (id int primary key, name text);
        insert into old_items select n, case when n > \(faulty) then 'item ' || n end
          from generate_series(1, \(rows)) n;
        """,
      targetSQL: "create table items (id int primary key, name text not null)")
  }

  private func slow(_ fixture: TablesFixture) throws -> BackgroundRun {
    let run = try BackgroundRun(fixture.migrate, "run --batch-size 20 --parallel 1 --throttle 90%")
    try run.waitForChunks(3, in: fixture.target)
    return run
  }

  @Test func theSpeedOfARunIsThatOfItsOwnRows() throws {
    let fixture = try fixture(rows: 3000)
    let first = try slow(fixture)
    try first.waitForChunks(10, in: fixture.target)
    kill(first.pid, SIGKILL)
    _ = first.end()
    let before = try number(fixture.target, "select sum(rows_read) from migrate.chunk")
    let rest = try fixture.migrate("run")
    #expect(rest.exitCode == 0)
    #expect(
      rest.output.contains("3,000 read (\(GroupedNumber.text(3000 - before)) of them by this run)"),
      "\(rest.output)")
    let again = try fixture.migrate.json("run").document
    #expect(again["rowsReadByRun"] == 0)
  }

  /// Metrics divide by the time that runs were at work, and not by the night between two of them.
  @Test func theMeanSpeedLeavesTheTimeBetweenRunsOut() throws {
    let fixture = try fixture()
    let first = try slow(fixture)
    kill(first.pid, SIGINT)
    #expect(first.end() == 7)
    try psql(
      fixture.target.url,
      """
      update migrate.chunk set finished = finished - interval '8 hours' where status = 'done';
      update migrate.table_state set started = started - interval '8 hours';
      """)
    #expect(try fixture.migrate("run").exitCode == 0)
    let metrics = try fixture.migrate.json("metrics").document
    guard case .double(let rate)? = metrics["tables"]?[0]?["meanRowsPerSecond"] else {
      Issue.record("no rate: \(metrics)")
      return
    }
    #expect(rate > 1)
  }

  /// Holds the current chunk by a lock on its table, so that the run can't end before it has said why it will.
  private func held(_ fixture: TablesFixture, _ body: () throws -> Void) throws {
    let holder = try spawn(
      [
        psqlProgram, "-X", "-q", "-d", fixture.target.url, "-c",
        "begin; lock table items in share mode; select pg_sleep(60)",
      ], [:], output: "/dev/null", errors: "/dev/null")
    defer {
      kill(holder, SIGKILL)
      _ = waitForEnd(of: holder, until: .now + .seconds(10))
    }
    try eventually("a chunk that waits for the lock") {
      try number(
        fixture.target,
        "select count(*) from pg_locks where relation = 'items'::regclass and not granted") > 0
    }
    try body()
    _ = try psql(
      fixture.target.url,
      "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)'"
        + " and pid <> pg_backend_pid() and datname = current_database()")
  }

  @Test(arguments: [SIGINT, SIGTERM]) func aSignalIsToldAsWhatItIs(_ signal: Int32) throws {
    let fixture = try fixture(rows: 3000)
    let run = try slow(fixture)
    try held(fixture) {
      kill(run.pid, signal)
      try eventually("the run to say why it stops") { run.errors.contains("stopping") }
    }
    #expect(run.end() == (signal == SIGINT ? 7 : 143))
    #expect(
      run.errors.contains(signal == SIGINT ? "stopping (Ctrl+C)" : "stopping (SIGTERM)"),
      "\(run.errors)")
    #expect(run.errors.contains("Ctrl+C again") == (signal == SIGINT))
  }

  @Test(arguments: ["pause", "stop --now"]) func aRequestIsNotToldAsCtrlC(_ command: String) throws
  {
    let fixture = try fixture(rows: 3000)
    let run = try slow(fixture)
    #expect(try fixture.migrate(command).exitCode == 0)
    #expect(run.end() == 7)
    #expect(run.errors.contains("stopping (requested by"), "\(run.errors)")
    #expect(!run.errors.contains("Ctrl+C"))
    #expect(run.errors.contains("are rolled back") == (command == "stop --now"))
  }

  @Test func aDryRunTellsWhichRowsItWouldSetAside() throws {
    let fixture = try fixture(faulty: 7)
    let grouped = try fixture.migrate.json("run --dry-run")
    #expect(grouped.exitCode == 5)
    #expect(grouped.document["rejects"]?["patterns"]?[0]?["rows"] == 7)
    #expect(grouped.document["rejects"]?["rows"] == .null)
    let listed = try fixture.migrate.json("run --dry-run --details")
    #expect(listed.document["rejects"]?["rows"]?[6]?["key"] == ["id": 7])
    #expect(listed.document["rejects"]?["rows"]?[6]?["reason"] == "missing")
    #expect(listed.document["rejects"]?["rows"]?[7] == nil)
    let text = try fixture.migrate("run --dry-run --details").output
    #expect(text.contains("7 rows would be quarantined:"), "\(text)")
    #expect(text.contains(#"source row: {"id":7,"name":null}"#), "\(text)")
    #expect(!text.contains("migrate errors"))
    #expect(try fixture.migrate("run --dry-run").output.contains("--dry-run --details"))
    #expect(try fixture.migrate("run --details").exitCode == 2)
    #expect(try fixture.query("select count(*) from items") == "0")
  }

  /// As a run leaves it that is killed when its session is complete and the file is not removed yet.
  @Test(arguments: ["run", "status", "status --check"])
  func theCheckpointFileOfACompleteMigrationGoes(_ command: String) throws {
    let fixture = try fixture(rows: 1000)
    let file = fixture.migrate.folder.path + "/migration-checkpoint.json"
    let run = try slow(fixture)
    kill(run.pid, SIGINT)
    #expect(run.end() == 7)
    let left = try String(contentsOfFile: file, encoding: .utf8)
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(!fixture.exists("migration-checkpoint.json"))
    try left.write(toFile: file, atomically: true, encoding: .utf8)
    let next = try fixture.migrate(command)
    #expect(next.exitCode == 0, "\(next.output)")
    #expect(!fixture.exists("migration-checkpoint.json"))
    #expect(
      next.errors.contains("removed the checkpoint file of an ended session"), "\(next.errors)")
    // One of another target is none of this command's business.
    let foreign = left.replacing(
      #/"ledger":"[^"]*"/#, with: #""ledger":"00000000-0000-0000-0000-000000000000""#)
    try foreign.write(toFile: file, atomically: true, encoding: .utf8)
    _ = try fixture.migrate(command)
    #expect(fixture.exists("migration-checkpoint.json"))
  }

  /// One judgement: what the run lets pass, the readiness check must not call a reason to stop.
  @Test(arguments: [20, 1200]) func theReadinessCheckJudgesRejectsAsTheRunDoes(_ rows: Int) throws {
    let fixture = try BeforeFixture("--rows \(rows) --dirty 0")
    try psql(
      fixture.source.url,
      """
      update legacy_customers set company_name = null where id in (
        select id from legacy_customers order by id limit (select count(*) * 3 / 20 from legacy_customers))
      """)
    let checked = try fixture.migrate("validate-all")
    #expect(checked.exitCode == (rows < 1000 ? 0 : 4), "\(checked.output)")
    let run = try fixture.migrate("run customers")
    #expect(run.exitCode == (rows < 1000 ? 5 : 6), "\(run.errors)")
    #expect(
      checked.output.contains("of customers have errors: the plan's limit") == (rows >= 1000),
      "\(checked.output)")
  }
}
