import Foundation
import MigrationCore
import Postgres
import TestSupport
import Testing

/// Runs that end before their work is done, and continue.
@Suite struct RunStopTests {
  /// Asks for something once a number of chunks is committed.
  private func after(_ chunks: Int, _ action: @escaping @Sendable () -> Void) -> RunObserver {
    { event in
      if case .progress(let report) = event, report.chunksDone >= chunks,
        report.chunksDone < report.chunks
      {
        action()
      }
    }
  }

  @Test func aPauseFinishesTheChunksInHandAndGoesOn() throws {
    let (fixture, _) = try RunFixture.nxt(customers: 4000, dirty: 0)
    let control = RunControl()
    let paused = try fixture.run(
      control: control, observer: after(1) { control.interrupt() }
    ) {
      $0.tuning.batchSize = 10; $0.tuning.lanes = 1
    }
    #expect(paused.ending == .paused(.interrupted))
    let loaded = try fixture.count("customers")
    #expect(loaded > 0 && loaded < 4000)
    let file = try String(
      contentsOfFile: fixture.folder.path + "/migration-checkpoint.json", encoding: .utf8)
    let checkpoint = try JSONValue.parse(file)
    #expect(checkpoint["status"] == .text("interrupted"))
    #expect(checkpoint["totalRecordsMigrated"] == .int(loaded))
    let resumed = try fixture.run()
    #expect(resumed.ending == .completed)
    #expect(try fixture.count("customers") == 4000)
  }

  @Test func aSecondInterruptRollsBackAndLosesNothing() throws {
    let (fixture, _) = try RunFixture.nxt(customers: 3000, dirty: 0)
    let control = RunControl()
    let cancelled = try fixture.run(
      control: control,
      observer: after(1) {
        control.interrupt()
        control.interrupt()
      }
    ) {
      $0.tuning.batchSize = 10; $0.tuning.lanes = 2
    }
    #expect(cancelled.ending == .paused(.interrupted))
    #expect(try fixture.run().ending == .completed)
    #expect(try fixture.count("customers") == 3000)
    #expect(try psql(fixture.target.url, "select count(distinct id) from customers") == "3000")
  }

  @Test func tooManyRejectsStopTheRun() throws {
    let (fixture, _) = try RunFixture.nxt(customers: 3000, dirty: 0.3)
    let stopped = try fixture.run {
      $0.tuning.batchSize = 100; $0.tuning.lanes = 1
    }
    guard case .stopped(let code, _) = stopped.ending else {
      Issue.record("\(stopped.ending)")
      return
    }
    #expect(code == .data)
    let relaxed = relaxedLimits(fixture.plan)
    #expect(try fixture.run { $0.plan = relaxed }.ending == .completed)
  }

  @Test func aTimeThatIsTooShortIsForetold() throws {
    let (fixture, _) = try RunFixture.nxt(customers: 3000, dirty: 0)
    let outcome = try fixture.run { $0.settings[.commandLine].timeLimit = .milliseconds(1) }
    #expect(outcome.ending == .paused(.timeIsUp))
    #expect(outcome.forecast?.isExpectedToFinish == false)
    #expect(outcome.forecast?.basis == .sample(table: "customers", rows: 3000))
    // What was measured is not there.
    let loaded = try fixture.count("customers")
    #expect(try fixture.count("migrate.session") == 1)
    let committed = try psql(
      fixture.target.url, "select coalesce(sum(rows_loaded), 0) from migrate.chunk")
    #expect(committed == "\(loaded)")
    #expect(try fixture.run().forecast == nil)
    #expect(try fixture.count("customers") == 3000)
  }

  @Test func aDryRunTellsAndChangesNothing() throws {
    let (fixture, manifest) = try RunFixture.nxt(customers: 300, dirty: 0.05)
    let outcome = try fixture.run { $0.dryRun = true }
    #expect(outcome.isDryRun)
    #expect(outcome.ending == .completed)
    let customers = try #require(outcome.tables.first { $0.name == "customers" })
    #expect(customers.sheet.loaded == manifest.loaded(.customers))
    #expect(try fixture.count("customers") == 0)
    #expect(try psql(fixture.target.url, "select to_regnamespace('migrate') is null") == "t")
    #expect(!FileManager.default.fileExists(atPath: fixture.folder.path + "/migration-errors.log"))
  }

  @Test func aSecondMigrationIsRefused() throws {
    let (fixture, _) = try RunFixture.nxt(customers: 10, dirty: 0)
    let holder = try Ledger(Connection(to: ConnectionString(fixture.target.url)))
    try holder.install()
    try holder.lock()
    let refusal = #expect(throws: LedgerError.self) { try fixture.run() }
    #expect(refusal?.code == .heldByAnother)
  }

  @Test func prerequisitesComeFirst() throws {
    let (fixture, _) = try RunFixture.nxt(customers: 20, dirty: 0)
    let refusal = #expect(throws: MigrationError.self) {
      try fixture.run { $0.tables = ["products"] }
    }
    #expect(refusal?.kind == .prerequisite)
    #expect(refusal?.remedy?.contains("migrate suppliers") == true)
    _ = try fixture.run { $0.tables = ["suppliers"] }
    #expect(try fixture.run { $0.tables = ["products"] }.ending == .completed)
    #expect(try fixture.run().ending == .completed)
  }

  @Test func aFreshStartEmptiesOnlyWhenAsked() throws {
    let (fixture, _) = try RunFixture.nxt(customers: 100, dirty: 0)
    _ = try fixture.run()
    let refusal = #expect(throws: MigrationError.self) { try fixture.run { $0.fresh = true } }
    #expect(refusal?.reason == "notEmpty")
    let again = try fixture.run {
      $0.fresh = true; $0.emptiesTables = true
    }
    #expect(again.ending == .completed)
    #expect(try fixture.count("customers") == 100)
  }

  @Test func aLimitReadsTheFirstRowsOfTheKey() throws {
    let (fixture, _) = try RunFixture.nxt(customers: 200, dirty: 0)
    _ = try fixture.run {
      $0.rowLimit = 25; $0.tables = ["customers"]
    }
    let first = try psql(
      fixture.source.url,
      "select string_agg(id::text, ' ' order by id) from (select id from legacy_customers order by id limit 25) x"
    )
    #expect(
      try psql(fixture.target.url, "select string_agg(id::text, ' ' order by id) from customers")
        == first)
  }

  /// All is done by then: the session ends, and so the run must say.
  @Test func aPauseAfterTheLastTableComesTooLate() throws {
    let plan = """
      {
        name: "things", source: { kind: "postgres" },
        tables: { things: { from: "old_things", key: "id", sameColumns: ["id"] } },
      }
      """
    let fixture = try RunFixture(
      plan: PlanReader.read(bytes: Array(plan.utf8)),
      sourceSQL: "create table old_things as select n as id from generate_series(1, 10) n",
      targetSQL: "create table things (id integer)")
    let control = RunControl()
    let outcome = try fixture.run(
      control: control,
      observer: { event in if case .tableEnded = event { control.interrupt() } })
    #expect(outcome.ending == .completed)
    #expect(try psql(fixture.target.url, "select status from migrate.session") == "completed")
  }
}
