import Foundation
import MigrationCore
import TestSupport
import Testing

/// Killed at random times, backups and restores leave what the next command names and repairs.
@Suite(.serialized) struct BackupKillEndToEndTests {
  @Test func aKilledBackupIsNeverTakenForOne() throws {
    let fixture = try BackupFixture(rows: 3000)
    for _ in 0..<4 {
      try strike(fixture.migrate, "backup create --compress 9 --quiet")
    }
    let (_, document) = try fixture.migrate.json("backup list")
    guard case .array(let backups)? = document["backups"] else {
      Issue.record("no list")
      return
    }
    for backup in backups {
      #expect(
        backup["state"] == "incomplete" || backup["state"] == "not verified", "\(backup.compact)")
      guard case .text(let name)? = backup["name"], backup["state"] == "incomplete" else {
        continue
      }
      let refused = try fixture.migrate("backup verify \(name)")
      #expect(refused.exitCode == 1)
      #expect(refused.errors.contains("incomplete"))
    }
    #expect(try fixture.migrate("backup prune --yes").exitCode == 0)
    #expect(try !fixture.migrate.json("backup list").document.compact.contains("incomplete"))
    let name = try fixture.create()
    #expect(try fixture.migrate("backup verify \(name)").exitCode == 0)
  }

  @Test(arguments: [true, false]) func aKilledRestoreIsNamedAndMended(intoEmpty: Bool) throws {
    let fixture = try BackupFixture(rows: 3000)
    let before = try fixture.contents()
    let name = try fixture.create("--jobs 2")
    let target = try TemporaryDatabase("half", copying: intoEmpty ? nil : fixture.database)
    var migrate = fixture.migrate
    migrate.environment["DATABASE_URL"] = target.url
    if !intoEmpty { try psql(target.url, "update public.parents set weight = -1") }
    for _ in 0..<3 {
      try strike(migrate, "backup restore \(name) --yes --quiet" + (intoEmpty ? "" : " --replace"))
      let marked =
        try psql(target.url, "select to_regclass('migrate_restore.state') is not null") == "t"
      let told = try migrate("status")
      if marked {
        #expect(told.exitCode == 1)
        #expect(told.errors.contains("migrate backup restore \(name)"))
      }
    }
    let last = try migrate("backup restore \(name) --replace --yes")
    #expect(last.exitCode == 0, "\(last.errors)")
    #expect(try BackupFixture.contents(target.url) == before)
    #expect(try psql(target.url, "select to_regnamespace('migrate_restore') is null") == "t")
  }

  @Test func anInterruptedBackupSaysSo() throws {
    let fixture = try BackupFixture(rows: 10)
    // Only pg_dump reads this table, and another session has locked it.
    let lock = try TableLock("pg_catalog.pg_transform", fixture.database)
    let run = try BackgroundRun(fixture.migrate, "backup create --compress 9")
    try eventually("the dump") { run.errors.contains("dumping") }
    kill(run.pid, SIGINT)
    #expect(run.end() == 130)
    try lock.end()
    #expect(run.errors.contains("migrate backup prune"))
    let (_, document) = try fixture.migrate.json("backup list")
    #expect(document.compact.contains("\"incomplete\""))
  }

  /// Kills a command line at a random moment of its first second.
  private func strike(_ migrate: Migrate, _ line: String) throws {
    let pid = try spawn(
      ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable()]
        + line.split(separator: " ").map(String.init), migrate.environment, output: "/dev/null",
      errors: "/dev/null")
    usleep(UInt32.random(in: 30_000...900_000))
    kill(pid, SIGKILL)
    _ = waitForEnd(of: pid, until: .now + .seconds(120))
    // Until the server notices, the dead program holds the target, and the next command says so.
    let target = try #require(migrate.environment["DATABASE_URL"])
    try eventually("the end of its sessions") {
      try psql(
        target,
        "select count(*) from pg_stat_activity where datname = current_database() and application_name <> 'psql'"
      ) == "0"
    }
  }
}
