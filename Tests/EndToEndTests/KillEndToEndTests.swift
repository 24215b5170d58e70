import Foundation
import MigrationCore
import TestSupport
import Testing

/// Kills the process at random times of a migration, lets the next one continue, and compares the
/// whole target with that of an undisturbed migration.
@Suite(.serialized) struct KillEndToEndTests {
  @Test(arguments: [1, 3]) func killedAtRandomMomentsAndResumed(lanes: Int) throws {
    let expected = try Undisturbed.expected.get()
    let target = try TemporaryDatabase("killed")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    // On a fast machine too it is not done before it was struck some times.
    let gate = try Gate("upload_history", target.url, level: 0)
    var kills = 0
    for round in 0..<20 {
      if round == 8 { try gate.open() }
      let pid = try spawn(
        ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "run", "--all"]
          + ["--parallel", "\(lanes)", "--quiet"], migrate.environment, output: "/dev/null",
        errors: "/dev/null")
      usleep(UInt32.random(in: 20_000...500_000))
      kill(pid, SIGKILL)
      if waitForEnd(of: pid, until: .now + .seconds(120)) == 128 + SIGKILL { kills += 1 }
    }
    let last = try migrate("run --all --parallel \(lanes)", timeout: .seconds(300))
    #expect(last.exitCode == 5, "\(last.errors)")
    try gate.remove()
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
    let gate = try Gate("upload_history", target.url, level: 0)
    let deadline = ContinuousClock.now + .seconds(240)
    let pid = try spawn(
      ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "run", "--all", "--quiet"],
      migrate.environment, output: "/dev/null", errors: migrate.folder.path + "/errors")
    try eventually("the run") {
      try number(target, "select count(*) from migrate.run where ended is null") == 1
    }
    var cut = 0
    for _ in 0..<4 {
      usleep(500_000)
      let ended = try psql(
        server,
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '\(target.name)'"
      )
      cut += Int(ended) ?? 0
    }
    #expect(cut > 0)
    try gate.open()
    _ = waitForEnd(of: pid, until: deadline)
    // Whether the retries were enough or not, the next run ends it.
    let last = try migrate("run --all", timeout: .seconds(300))
    #expect(last.exitCode == 5, "\(last.errors)")
    try gate.remove()
    #expect(try Undisturbed.contents(of: target.url, migrate) == expected)
  }

  @Test func anInterruptedRunKeepsItsCheckpointAndGoesOn() throws {
    let expected = try Undisturbed.expected.get()
    let target = try TemporaryDatabase("paused")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    let gate = try Gate("customers", target.url)
    let running = try BackgroundRun(migrate, "run --all")
    try running.waitForChunks(2, in: target)
    try running.stop(at: gate)
    #expect(running.end() == 7)
    let checkpoint = migrate.folder.path + "/migration-checkpoint.json"
    #expect(FileManager.default.fileExists(atPath: checkpoint))
    #expect(try migrate("run --all").exitCode == 5)
    try gate.remove()
    #expect(try Undisturbed.contents(of: target.url, migrate) == expected)
  }

  /// The server serves the dead program's statement for as long as it waits for a lock.
  @Test func aRunThatWasKilledInALongStatementDoesNotHoldTheTarget() throws {
    let target = try TemporaryDatabase("deaf")
    var migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    migrate.environment["DATABASE_LOCK_TIMEOUT"] = "120s"
    #expect(try migrate("db migrate").exitCode == 0)
    // Checking the plan reads the table; loading it waits.
    let lock = try TableLock("customers", target, mode: ("exclusive", "ExclusiveLock"))
    let killed = try BackgroundRun(migrate, "run --all")
    try waitForLockRequest("customers", target)
    kill(killed.pid, SIGKILL)
    _ = killed.end()
    let next = try BackgroundRun(migrate, "run --all")
    // The table is still locked, and the next run is at work.
    try eventually("the next run") {
      try number(target, "select count(*) from migrate.run where id = 2 and ended is null") == 1
    }
    try lock.end()
    #expect(next.end() == 5, "\(next.errors)")
  }

  @Test func aSecondRunOnTheSameTargetIsRefused() throws {
    let target = try TemporaryDatabase("held")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    let gate = try Gate("customers", target.url)
    let first = try BackgroundRun(migrate, "run --all")
    // Who is at work is known a moment after the lock is taken.
    try eventually("the first run") {
      try migrate.json("status").document["running"]?["process"] == .int(Int(first.pid))
    }
    let second = try migrate("run --all")
    kill(first.pid, SIGKILL)
    _ = first.end()
    try gate.open()
    #expect(second.exitCode == 8, "\(second.errors)")
    #expect(second.errors.contains("\(first.pid)"))
    #expect(try migrate("run --all").exitCode == 5)
  }
}
