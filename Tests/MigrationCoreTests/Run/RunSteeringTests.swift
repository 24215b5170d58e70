import MigrationCore
import TestSupport
import Testing

@testable import struct MigrationCore.RunAdjustments

/// What is configured for a run, and runs that are paused at moments of their own.
@Suite struct RunSteeringTests {
  @Test func adjustmentsStandInTheLedgerAsTheyAre() {
    var adjustments = RunAdjustments()
    (adjustments.lanes, adjustments.batchSize) = (.exactly(3), .automatic)
    adjustments.batchSizes = ["b": 2, "a": 1]
    (adjustments.maximumRejects, adjustments.maximumMinutes) = (.exactly(0), .automatic)
    (adjustments.maximumRetries, adjustments.throttle) = (7, 50)
    adjustments.chunkTimeout = .milliseconds(1500)
    #expect(RunAdjustments(adjustments.json) == adjustments)
    #expect(RunAdjustments(["lanes": "many", "other": 5]).isEmpty)
    #expect(RunAdjustments().json == [:])
  }

  @Test func whatIsSaidLaterWins() {
    var adjustments = RunAdjustments(["lanes": 2, "throttle": 50, "batchSizes": ["a": 1, "b": 1]])
    adjustments.merge(RunAdjustments(["lanes": "auto", "batchSizes": ["b": 2]]))
    #expect(adjustments.lanes == .automatic)
    #expect(adjustments.throttle == 50)
    #expect(adjustments.batchSizes == ["a": 1, "b": 2])
  }

  /// A pause while the last table is finished leaves foreign keys off: that is work to do.
  @Test func aPauseBeforeForeignKeysComeBackIsNotTheEnd() throws {
    let (fixture, _) = try RunFixture.nxt(customers: 200, dirty: 0)
    let plan = settingAside(fixture.plan)
    let wanted = try definitions(fixture.target.url)
    let control = RunControl()
    let paused = try fixture.run(
      control: control,
      observer: { event in
        if case .preparing("upload_history", "sequences") = event { control.interrupt() }
      }
    ) { $0.plan = plan }
    #expect(paused.ending == .paused(.interrupted))
    #expect(paused.tables.map(\.isDone) == Array(repeating: true, count: 7))
    #expect(try definitions(fixture.target.url) != wanted)
    #expect(try psql(fixture.target.url, "select status from migrate.session") == "open")
    #expect(try fixture.run { $0.plan = plan }.ending == .completed)
    #expect(try definitions(fixture.target.url) == wanted)
  }

  /// The plan with everything taken off its tables that can be.
  private func settingAside(_ plan: Plan) -> Plan {
    let tables = plan.tables.map { table in
      TablePlan(
        name: table.name, command: table.command, phase: table.phase, feeds: table.feeds,
        unique: table.unique, checks: table.checks, chunk: table.chunk,
        loading: Loading(setAside: .always), place: table.place)
    }
    return Plan(
      name: plan.name, title: plan.title, file: plan.file, hash: plan.hash, source: plan.source,
      target: plan.target, limits: plan.limits, tables: tables)
  }

  @Test func aRunThatBuildsAnIndexIsCancelledAndGoesOn() throws {
    let (fixture, _) = try RunFixture.nxt(customers: 2000, dirty: 0)
    let plan = settingAside(fixture.plan)
    let wanted = try definitions(fixture.target.url)
    let control = RunControl()
    let cancelled = try fixture.run(
      control: control,
      observer: { event in
        if case .preparing("customers", "indexes") = event {
          control.interrupt()
          control.interrupt()
        }
      }
    ) { $0.plan = plan }
    #expect(cancelled.ending == .paused(.interrupted))
    #expect(try fixture.run { $0.plan = plan }.ending == .completed)
    #expect(try definitions(fixture.target.url) == wanted)
    #expect(try fixture.count("customers") == 2000)
  }
}
