import TestSupport
import Testing

@testable import MigrationLedger

@Suite struct LedgerSessionTests {
  @Test func aResumedSessionKeepsItsMomentAndSettings() throws {
    let fixture = try LedgerFixture()
    let request = SessionRequest(
      name: "nxt", plan: "nxt", planHash: "abc", settings: ["chunk": "other"])
    let again = try fixture.ledger.openSession(request)
    #expect(again.id == fixture.session.id)
    #expect(again.runTime == fixture.session.runTime)
    #expect(again.settings == fixture.session.settings)
    #expect(again.isContinued)
    #expect(!fixture.session.isContinued)
    let stored = try fixture.sql("SELECT run_time FROM migrate.session")
    #expect(stored == String(fixture.session.runTime.microseconds))
    let distance = try fixture.sql(
      "SELECT abs(extract(epoch FROM started) * 1000000 - run_time) < 1000000 FROM migrate.session")
    #expect(distance == "t")
  }

  @Test func anotherPlanCannotContinueASessionButStartAFreshOne() throws {
    let fixture = try LedgerFixture()
    let changed = SessionRequest(name: "nxt", plan: "nxt", planHash: "def")
    #expect(ledgerCode { _ = try fixture.ledger.openSession(changed) } == .planChanged)
    let fresh = try fixture.ledger.openSession(
      SessionRequest(name: "nxt", plan: "nxt", planHash: "def", fresh: true))
    #expect(fresh.id != fixture.session.id)
    #expect(try fixture.ledger.session(fixture.session.id)?.status == .abandoned)
    #expect(try fixture.ledger.openSession(named: "nxt")?.id == fresh.id)
    #expect(try fixture.ledger.latestSession()?.id == fresh.id)
  }

  @Test func aCompletedSessionIsFollowedByANewOne() throws {
    let fixture = try LedgerFixture()
    try fixture.ledger.endSession(fixture.session.id, as: .completed)
    try fixture.ledger.endSession(fixture.session.id, as: .abandoned)
    #expect(try fixture.ledger.session(fixture.session.id)?.status == .completed)
    let request = SessionRequest(name: "nxt", plan: "nxt", planHash: "def")
    #expect(try fixture.ledger.openSession(request).isContinued == false)
  }

  @Test func aRunEndsOnceAndTheFirstEndingStands() throws {
    let fixture = try LedgerFixture()
    try fixture.ledger.endRun(fixture.run.id, as: .paused, note: "until tomorrow")
    try fixture.ledger.endRun(fixture.run.id, as: .failed)
    let run = try #require(try fixture.ledger.runs(session: fixture.session.id).first)
    #expect(run.ending == .paused)
    #expect(run.note == "until tomorrow")
    #expect(run.identity == LedgerFixture.identity)
    let ended = try #require(run.ended)
    #expect(ended >= run.started)
  }

  @Test func tablesKeepTheirStateWhenTheyAreEnteredAgain() throws {
    let fixture = try LedgerFixture()
    try fixture.ledger.setStatus(.loaded, table: fixture.table.id)
    let names = ["before", "items", "Odd \"name\""]
    let tables = try fixture.ledger.enterTables(names, session: fixture.session.id)
    #expect(tables.map(\.name) == names)
    #expect(tables.map(\.status) == [.pending, .loaded, .pending])
    #expect(tables[1].id == fixture.table.id)
    #expect(tables[1].loaded != nil)
    try fixture.ledger.setStatus(.running, table: fixture.table.id)
    let running = try fixture.ledger.tables(session: fixture.session.id)[1]
    #expect(running.started != nil)
    #expect(running.loaded == nil)
    #expect(
      ledgerCode { try fixture.ledger.setStatus(.done, table: TableID(rawValue: 999)) } == .unknown)
  }
}
