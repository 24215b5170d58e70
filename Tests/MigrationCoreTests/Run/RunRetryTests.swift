import Foundation
import MigrationCore
import Postgres
import TestSupport
import Testing

/// Quarantined rows that are tried again, and rows that are followed on their way.
@Suite struct RunRetryTests {
  @Test func whatPassesNowIsLoadedExactlyOnce() throws {
    let (fixture, manifest) = try RunFixture.nxt(customers: 300, dirty: 0.05)
    _ = try fixture.run { $0.tables = ["customers"] }
    let before = try fixture.count("customers")
    #expect(before == manifest.loaded(.customers))
    let none = try QuarantineRetry.run(fixture.request())
    #expect(none.map(\.loaded) == [0])
    #expect(none.map(\.failed) == [manifest.quarantined(.customers)])
    try psql(
      fixture.source.url,
      "update legacy_customers set company_name = 'Mended' where company_name is null")
    let mended = try QuarantineRetry.run(fixture.request())
    let loaded = mended.reduce(0) { $0 + $1.loaded }
    #expect(loaded > 0)
    #expect(try fixture.count("customers", where: "company_name = 'Mended'") == loaded)
    #expect(try fixture.count("migrate.quarantine", where: "status = 'retried'") == loaded)
    #expect(try QuarantineRetry.run(fixture.request()).map(\.loaded) == [0])
    #expect(try fixture.count("customers") == before + loaded)
    try fixture.expectFingerprintsHold(["customers"])
    // The row counts add up with the retried rows in them, or the next run would fail.
    #expect(try fixture.run().ending == .completed)
  }

  @Test func aRowIsFollowedToItsEnd() throws {
    let (fixture, _) = try RunFixture.nxt(customers: 100, dirty: 0.1)
    _ = try fixture.run { $0.tables = ["customers"] }
    let good = try psql(fixture.target.url, "select id from customers order by id limit 1")
    let trace = try #require(
      try RowTrace.find(fixture.request(), table: "customers", key: [good]).first)
    #expect(trace.targetRow?["id"] == .text(good))
    #expect(trace.quarantined.isEmpty)
    #expect(trace.steps.contains { $0.column == "email" })
    let bad = try psql(
      fixture.target.url,
      "select key->>'id' from migrate.quarantine where reason = 'missing' limit 1")
    let rejected = try #require(
      try RowTrace.find(fixture.request(), table: "customers", key: [bad]).first)
    #expect(rejected.targetRow == nil)
    #expect(rejected.quarantined.map(\.row.reason) == ["missing"])
    #expect(rejected.steps.last?.failure == .missing)
  }
}
