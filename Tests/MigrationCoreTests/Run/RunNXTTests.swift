import Foundation
import MigrationCore
import Postgres
import TestSupport
import Testing

/// The NXT migration as a whole, over sample data with every fault in known numbers.
@Suite struct RunNXTTests {
  @Test func everyRowIsAccountedFor() throws {
    let (fixture, manifest) = try RunFixture.nxt(customers: 600, dirty: 0.05)
    let before = try definitions(fixture.target.url)
    let outcome = try fixture.run()
    #expect(outcome.ending == .completed)
    #expect(outcome.isConsistent)
    #expect(outcome.tables.count == 7)
    try fixture.expectFingerprintsHold()
    for table in SampleTable.allCases where table != .suppliers && table != .vendors {
      let name = table.rawValue.replacingOccurrences(of: "legacy_", with: "")
      let read = Int(try psql(fixture.source.url, "select count(*) from \(table.rawValue)"))
      let loaded = try fixture.count(name)
      let quarantined = try fixture.count(
        "migrate.quarantine q join migrate.table_state t on t.id = q.table_id",
        where: "t.name = '\(name)'")
      #expect(read == loaded + quarantined, "\(name)")
      #expect(quarantined == manifest.quarantined(table), "\(name)")
    }
    let suppliers = try fixture.count("suppliers")
    #expect(suppliers == manifest.loaded(.suppliers) + manifest.loaded(.vendors))
    #expect(try definitions(fixture.target.url) == before)
    #expect(
      !FileManager.default.fileExists(atPath: fixture.folder.path + "/migration-checkpoint.json"))
    let log = try String(
      contentsOfFile: fixture.folder.path + "/migration-errors.log", encoding: .utf8)
    #expect(log.split(separator: "\n").count == outcome.openRows)
    #expect(log.split(separator: "\n").allSatisfy { $0.contains("Error:") })
  }

  @Test func aCompleteMigrationHasNothingLeftToDo() throws {
    let (fixture, _) = try RunFixture.nxt(customers: 50, dirty: 0)
    _ = try fixture.run()
    let before = try digests(fixture.target.url)
    let again = try fixture.run()
    #expect(again.wasComplete)
    #expect(try digests(fixture.target.url) == before)
  }

  /// Duplicates are decided by feed and key, not by which lane was quicker.
  @Test(arguments: [(1, 1000), (3, 7), (4, 50)])
  func theSameDataAlwaysEndsInTheSameTarget(lanes: Int, batch: Int) throws {
    let (fixture, _) = try RunFixture.nxt(customers: 400, dirty: 0.2)
    let relaxed = relaxedLimits(fixture.plan)
    _ = try fixture.run { $0.plan = relaxed }
    let other = try fixture.otherTarget()
    _ = try fixture.run(to: other.url) { request in
      request.plan = relaxed
      request.tuning.lanes = .exactly(lanes)
      request.tuning.batchSize = .exactly(batch)
      request.checkpointFile = nil
      request.errorLogFile = nil
    }
    #expect(try digests(other.url) == digests(fixture.target.url))
    let winners = "select key, winner from migrate.quarantine where code = 'ERR_005' order by 1, 2"
    #expect(try psql(other.url, winners) == psql(fixture.target.url, winners))
    #expect(try !psql(other.url, winners).isEmpty)
  }

  /// The sessions of reader and writer are ended at random, and what throws is run again.
  @Test(arguments: [1, 3])
  func endedSessionsLoseAndDoubleNothing(lanes: Int) throws {
    let (fixture, _) = try RunFixture.nxt(customers: 3000, dirty: 0.02)
    let before = try definitions(fixture.target.url)
    let server = try TestServers.postgresURL()
    let killers = [fixture.target, fixture.source].map {
      Terminator(database: $0.name, server: server, every: 0.02...0.4)
    }
    var tries = 0
    var outcome: RunOutcome?
    while outcome?.ending != .completed, tries < 60 {
      tries += 1
      outcome = try? fixture.run { request in
        request.tuning.lanes = .exactly(lanes)
        request.tuning.batchSize = 50
        request.tuning.maximumRetries = 2
      }
    }
    let ended = killers.map { $0.stop() }
    outcome = try fixture.run()
    #expect(outcome?.ending == .completed)
    #expect(ended.allSatisfy { $0 > 0 })
    let other = try fixture.otherTarget()
    _ = try fixture.run(to: other.url) {
      $0.checkpointFile = nil; $0.errorLogFile = nil
    }
    #expect(try digests(fixture.target.url) == digests(other.url))
    #expect(try definitions(fixture.target.url) == before)
  }
}

/// The plan without a limit on the share of rejected rows.
func relaxedLimits(_ plan: Plan) -> Plan {
  Plan(
    name: plan.name, title: plan.title, file: plan.file, hash: plan.hash, source: plan.source,
    target: plan.target, limits: Limits(warnErrorShare: 1, stopErrorShare: 2), tables: plan.tables)
}
