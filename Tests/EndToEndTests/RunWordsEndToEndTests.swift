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

  /// Begins a run that has loaded some chunks, and is held at the next.
  private func held(_ fixture: TablesFixture) throws -> (BackgroundRun, Gate) {
    let gate = try Gate("items", fixture.target.url, place: "id", level: 250)
    let run = try BackgroundRun(fixture.migrate, "run --batch-size 20 --parallel 1")
    try gate.waitForHeld()
    return (run, gate)
  }

  /// Begins a run that pauses after some chunks.
  private func pause(_ fixture: TablesFixture) throws {
    let (run, gate) = try held(fixture)
    try run.stop(at: gate)
    #expect(run.end() == 7, "\(run.errors)")
    try gate.remove()
  }

  @Test func theSpeedOfARunIsThatOfItsOwnRows() throws {
    let fixture = try fixture(rows: 3000)
    let (first, gate) = try held(fixture)
    try first.killHeld(at: gate)
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
    try pause(fixture)
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

  @Test(arguments: [SIGINT, SIGTERM]) func aSignalIsToldAsWhatItIs(_ signal: Int32) throws {
    let fixture = try fixture(rows: 3000)
    let (run, gate) = try held(fixture)
    try run.stop(at: gate, by: signal)
    #expect(run.end() == (signal == SIGINT ? 7 : 143))
    #expect(
      run.errors.contains(signal == SIGINT ? "stopping (Ctrl+C)" : "stopping (SIGTERM)"),
      "\(run.errors)")
    #expect(run.errors.contains("Ctrl+C again") == (signal == SIGINT))
  }

  @Test(arguments: ["pause", "stop --now"]) func aRequestIsNotToldAsCtrlC(_ command: String) throws
  {
    let fixture = try fixture(rows: 3000)
    let (run, gate) = try held(fixture)
    let request = try BackgroundRun(fixture.migrate, command)
    // What is canceled need not pass.
    if command == "pause" { try run.finishes(past: gate) }
    #expect(request.end() == 0, "\(request.errors)")
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
    try pause(fixture)
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
