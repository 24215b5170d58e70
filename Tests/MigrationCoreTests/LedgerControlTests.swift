import Postgres
import TestSupport
import Testing

@testable import MigrationBasics

@Suite struct LedgerControlTests {
  @Test func aRunningMigrationSeesRequestsInTheirOrderAndTakesThemOnce() throws {
    let fixture = try LedgerFixture()
    let other = try fixture.otherLedger()
    let change: JSONValue = ["lanes": 2]
    let configure = try #require(
      try other.request(.configure, settings: change, by: "ops@host"))
    let pause = try #require(try other.request(.pause, by: "ops@host"))
    let requests = try fixture.ledger.requests(run: fixture.run.id)
    #expect(requests.map(\.id) == [configure, pause])
    #expect(requests.map(\.kind) == [.configure, .pause])
    #expect(requests.first?.settings == change)
    #expect(requests.first?.requestedBy == "ops@host")
    for request in requests { try fixture.ledger.take(request) }
    #expect(try fixture.ledger.requests(run: fixture.run.id).isEmpty)
    #expect(try other.isTaken(request: pause) == true)
    #expect(try other.isTaken(request: 999) == nil)
    #expect(try fixture.ledger.session(fixture.session.id)?.settings == change)
  }

  @Test func newSettingsAreMergedAndAppliedOnce() throws {
    let fixture = try LedgerFixture()
    let ledger = fixture.ledger
    for settings in [["lanes": 2, "batch": 10], ["lanes": 3]] as [JSONValue] {
      _ = try ledger.request(.configure, settings: settings, by: "a")
    }
    let requests = try ledger.requests(run: fixture.run.id)
    for request in requests { try ledger.take(request) }
    try ledger.take(requests[0])
    let settings = try #require(try ledger.session(fixture.session.id)).settings
    #expect(settings["lanes"] == 3)
    #expect(settings["batch"] == 10)
  }

  @Test func nobodyRunningMeansNobodyAsked() throws {
    let fixture = try LedgerFixture()
    let other = try fixture.otherLedger()
    try fixture.ledger.connection.close()
    try waitUntil { try other.lockHolder() == nil }
    #expect(try other.request(.pause, by: "ops@host") == nil)
    #expect(try fixture.sql("SELECT count(*) FROM migrate.control") == "0")
  }

  @Test func aRequestToADeadRunDoesNotReachTheNextOne() throws {
    let fixture = try LedgerFixture()
    _ = try fixture.ledger.request(.pause, by: "ops@host")
    let next = try fixture.ledger.beginRun(session: fixture.session.id, LedgerFixture.identity)
    #expect(try fixture.ledger.requests(run: next.run.id).isEmpty)
  }
}
