import Foundation
import MigrationCore
import TestSupport
import Testing

/// Lets servers crash and connections break under a migration; its target must be that of a
/// migration without faults.
@Suite(.serialized) struct FaultEndToEndTests {
  @Test func theTargetCrashesUnderTheMigration() throws {
    let servers = try PrivateServers(.postgres, postgresConfiguration: "fsync = off")
    let target = try #require(servers.environment["DATABASE_URL"])
    let disturbed = try DisturbedMigration(source: Undisturbed.source.get().url, target: target)
    let strikes = try disturbed.run(lanes: 3, strikes: 3...20) {
      try servers.crashPostgres()
      return true
    }
    #expect(strikes >= 3)
    #expect(try disturbed.endsLikeTheUndisturbed())
  }

  @Test func theSourceCrashesUnderTheMigration() throws {
    let servers = try PrivateServers(.postgres, postgresConfiguration: "fsync = off")
    let source = try #require(servers.environment["SOURCE_DATABASE_URL"])
    try Undisturbed.fill(source)
    let target = try TemporaryDatabase("sourcecrash")
    let disturbed = try DisturbedMigration(source: source, target: target.url)
    let strikes = try disturbed.run(lanes: 3, strikes: 3...20) {
      try servers.crashPostgres()
      return true
    }
    #expect(strikes >= 3)
    #expect(try disturbed.endsLikeTheUndisturbed())
  }

  /// The connection that holds the lock and gives signs of life; the lanes' are left alone.
  @Test func theKeepersConnectionIsCutAgainAndAgain() throws {
    let target = try TemporaryDatabase("keepercut")
    let disturbed = try DisturbedMigration(
      source: Undisturbed.source.get().url, target: target.url)
    let strikes = try disturbed.run(lanes: 2, strikes: 2...20) {
      try psql(
        target.url,
        "select pg_terminate_backend(backend) from migrate.run where ended is null limit 1") == "t"
    }
    #expect(strikes >= 2)
    #expect(disturbed.runs.count == 1, "a run that loses its keeper's connection goes on")
    #expect(try disturbed.endsLikeTheUndisturbed())
  }

  /// The connection that keeps the source's snapshot, and those of the lanes that read. The source
  /// is the test's own: others read the shared one meanwhile.
  @Test func theSourcesConnectionsAreCutAgainAndAgain() throws {
    let source = try TemporaryDatabase("cutsource")
    try Undisturbed.fill(source.url)
    let target = try TemporaryDatabase("readercut")
    let disturbed = try DisturbedMigration(source: source.url, target: target.url)
    let strikes = try disturbed.run(lanes: 2, strikes: 2...20) {
      try psql(
        source.url,
        """
        select count(pg_terminate_backend(pid)) > 0 from pg_stat_activity
        where datname = '\(source.name)' and pid <> pg_backend_pid()
        """) == "t"
    }
    #expect(strikes >= 2)
    #expect(try disturbed.endsLikeTheUndisturbed())
  }

  @Test func terminatedAtRandomMomentsAndResumed() throws {
    let target = try TemporaryDatabase("terminated")
    let disturbed = try DisturbedMigration(
      source: Undisturbed.source.get().url, target: target.url)
    // On a fast machine too it is not done before it was struck some times.
    try disturbed.gate.close(0)
    var terminated = 0
    for round in 0..<20 {
      if round == 8 { try disturbed.gate.open() }
      let pid = try disturbed.start(lanes: 2)
      usleep(UInt32.random(in: 20_000...400_000))
      kill(pid, SIGTERM)
      let exitCode = waitForEnd(of: pid, until: .now + .seconds(120))
      #expect([143, 5].contains(exitCode))
      if exitCode == 143 { terminated += 1 }
    }
    #expect(terminated > 5)
    #expect(try disturbed.endsLikeTheUndisturbed())
  }
}

/// A migration that is disturbed, and run again until it is done.
final class DisturbedMigration {
  let target: String
  private(set) var migrate: Migrate
  /// At the last of the tables, and open.
  let gate: Gate
  /// The exit codes of the runs so far.
  private(set) var runs: [Int32] = []

  init(source: String, target: String) throws {
    self.target = target
    migrate = try Undisturbed.prepared(source: source, target: target)
    migrate.environment["MIGRATION_MAX_RETRIES"] = "8"
    guard try migrate("db migrate").exitCode == 0 else {
      throw SubprocessFailure(description: "the target's tables can't be made")
    }
    gate = try Gate("upload_history", target, level: 0)
    try gate.open()
  }

  var errors: String {
    (try? String(contentsOfFile: migrate.folder.path + "/errors", encoding: .utf8)) ?? ""
  }

  func start(lanes: Int) throws -> pid_t {
    try spawn(
      ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "run", "--all", "--quiet"]
        + ["--parallel", "\(lanes)"], migrate.environment, output: "/dev/null",
      errors: migrate.folder.path + "/errors")
  }

  /// So many strikes of a run may hit nothing.
  private static let misses = 40

  /// Runs until all is done, and strikes so often meanwhile at random times.
  ///
  /// The migration is at its gate until the least number of strikes hit.
  ///
  /// - Parameters:
  ///   - strikes: the least and the most.
  ///   - strike: returns whether it hit anything.
  /// - Returns: how many strikes hit.
  func run(lanes: Int, strikes: ClosedRange<Int>, _ strike: () throws -> Bool) throws -> Int {
    try gate.close(0)
    var hits = 0
    while runs.last != 5, runs.count < 25 {
      let pid = try start(lanes: lanes)
      var left = strikes.upperBound - hits + Self.misses
      while left > 0, hits < strikes.upperBound, isAtWork(pid) {
        usleep(UInt32.random(in: 20_000...400_000))
        guard isAtWork(pid) else { break }
        // Before the first run has made the ledger there is nothing to hit.
        if (try? strike()) == true { hits += 1 }
        left -= 1
        if hits >= strikes.lowerBound || left == 0 { try gate.open() }
      }
      runs.append(waitForEnd(of: pid, until: .now + .seconds(120)))
      if runs.last != 5 { print("a run ended with \(runs.last ?? -1): \(errors)") }
    }
    return hits
  }

  /// Runs once more, which has nothing to do if all is done, and compares.
  func endsLikeTheUndisturbed() throws -> Bool {
    let last = try migrate("run --all", timeout: .seconds(300))
    #expect(last.exitCode == 5, "\(last.errors)")
    try gate.remove()
    let (found, expected) = (
      try Undisturbed.contents(of: target, migrate), try Undisturbed.expected.get()
    )
    for (name, value) in expected { #expect(found[name] == value, "\(name)") }
    let checkpoint = migrate.folder.path + "/migration-checkpoint.json"
    #expect(!FileManager.default.fileExists(atPath: checkpoint))
    return found == expected
  }
}
