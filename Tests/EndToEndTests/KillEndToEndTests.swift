import Foundation
import MigrationCore
import TestSupport
import Testing

/// Kills the process at random moments of a migration, lets the next one go on, and compares the
/// whole target with that of a migration that nobody disturbed.
@Suite(.serialized) struct KillEndToEndTests {
  @Test(arguments: [1, 3]) func killedAtRandomMomentsAndResumed(lanes: Int) throws {
    let expected = try Undisturbed.expected.get()
    let target = try TemporaryDatabase("killed")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    var kills = 0
    for _ in 0..<20 {
      let pid = try spawn(
        ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "run", "--all"]
          + ["--parallel", "\(lanes)", "--quiet"], migrate.environment, output: "/dev/null",
        errors: "/dev/null")
      usleep(UInt32.random(in: 20_000...500_000))
      kill(pid, SIGKILL)
      if waitForEnd(of: pid, until: .now + .seconds(60)) == 128 + SIGKILL { kills += 1 }
    }
    let last = try migrate("run --all --parallel \(lanes)", timeout: .seconds(300))
    #expect(last.exitCode == 5, "\(last.errors)")
    #expect(kills > 5)
    #expect(try Undisturbed.contents(of: target.url, migrate) == expected)
    #expect(
      !FileManager.default.fileExists(atPath: migrate.folder.path + "/migration-checkpoint.json"))
  }

  @Test func sessionsOfTheTargetCutInALoop() throws {
    let expected = try Undisturbed.expected.get()
    let target = try TemporaryDatabase("cut")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    let server = try TestServers.postgresURL()
    let deadline = ContinuousClock.now + .seconds(240)
    let pid = try spawn(
      ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "run", "--all", "--quiet"],
      migrate.environment, output: "/dev/null", errors: migrate.folder.path + "/errors")
    for _ in 0..<4 {
      usleep(500_000)
      try psql(
        server,
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = '\(target.name)'")
    }
    _ = waitForEnd(of: pid, until: deadline)
    // Whether the retries were enough or not, the next run ends it.
    let last = try migrate("run --all", timeout: .seconds(200))
    #expect(last.exitCode == 5, "\(last.errors)")
    #expect(try Undisturbed.contents(of: target.url, migrate) == expected)
  }

  @Test func anInterruptedRunKeepsItsCheckpointAndGoesOn() throws {
    let expected = try Undisturbed.expected.get()
    let target = try TemporaryDatabase("paused")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    let pid = try spawn(
      ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "run", "--all", "--quiet"],
      migrate.environment, output: "/dev/null", errors: "/dev/null")
    usleep(700_000)
    kill(pid, SIGINT)
    let exitCode = waitForEnd(of: pid, until: .now + .seconds(60))
    let checkpoint = migrate.folder.path + "/migration-checkpoint.json"
    if exitCode == 7 { #expect(FileManager.default.fileExists(atPath: checkpoint)) }
    #expect([5, 7].contains(exitCode))
    #expect(try migrate("run --all").exitCode == 5)
    #expect(try Undisturbed.contents(of: target.url, migrate) == expected)
  }

  /// The server serves the dead program's statement for as long as it waits for a lock.
  @Test func aRunThatWasKilledInALongStatementDoesNotHoldTheTarget() throws {
    let target = try TemporaryDatabase("deaf")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    let blocker = try spawn(
      [
        psqlProgram, "-X", "-q", "-d", target.url, "-c",
        "begin; lock table customers; select pg_sleep(8)",
      ], migrate.environment, output: "/dev/null", errors: "/dev/null")
    defer { _ = waitForEnd(of: blocker, until: .now + .seconds(20)) }
    let locked = "select count(*) from pg_locks where relation = 'customers'::regclass and granted"
    while try psql(target.url, locked) == "0" { usleep(20_000) }
    let pid = try spawn(
      ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "run", "--all", "--quiet"],
      migrate.environment, output: "/dev/null", errors: "/dev/null")
    let waiting = """
      select count(*) from pg_locks where relation = 'customers'::regclass and not granted
      """
    let deadline = ContinuousClock.now + .seconds(6)
    while try psql(target.url, waiting) == "0", ContinuousClock.now < deadline { usleep(20_000) }
    #expect(try psql(target.url, waiting) != "0")
    kill(pid, SIGKILL)
    _ = waitForEnd(of: pid, until: .now + .seconds(10))
    let next = try migrate("run --all")
    #expect(next.exitCode == 5, "\(next.errors)")
  }

  @Test func aSecondRunOnTheSameTargetIsRefused() throws {
    let target = try TemporaryDatabase("held")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    let pid = try spawn(
      ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "run", "--all", "--quiet"],
      migrate.environment, output: "/dev/null", errors: "/dev/null")
    // Who is at work is known a moment after the lock is taken.
    let deadline = ContinuousClock.now + .seconds(20)
    while try migrate.json("status").document["running"]?["process"] != .int(Int(pid)) {
      if ContinuousClock.now > deadline { break }
    }
    let second = try migrate("run --all")
    kill(pid, SIGKILL)
    _ = waitForEnd(of: pid, until: .now + .seconds(10))
    #expect(second.exitCode == 8, "\(second.errors)")
    #expect(second.errors.contains("\(pid)"))
    #expect(try migrate("run --all").exitCode == 5)
  }
}
