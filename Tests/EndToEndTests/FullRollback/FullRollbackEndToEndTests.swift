import Foundation
import MigrationCore
import TestSupport
import Testing

/// The whole target restored from a backup, and the state of the previous database.
@Suite struct FullRollbackEndToEndTests {
  @Test func theTargetBecomesWhatTheBackupHolds() throws {
    let world = try FullRollbackWorld()
    #expect(try world.migrate("rollback --full --backup \(world.backup)").exitCode == 2)
    let (looked, preview) = try world.migrate.json(
      "rollback --full --backup \(world.backup) --dry-run")
    #expect(looked == 0 && preview["obstacles"] == [], "\(preview.compact)")
    let full = try world.migrate(world.line + " --set MIGRATION_MIN_FREE_DISK=1000TiB")
    #expect(full.exitCode == 6 && full.errors.contains("ERR_008"), "\(full.errors)")
    #expect(try world.databases() == [world.target.name])

    let (exitCode, document) = try world.migrate.json(world.line)
    #expect(exitCode == 0, "\(document.compact)")
    #expect(document["rollback"]?["stage"] == "swapped")
    #expect(document["restored"]?["equal"] == true)
    #expect(try world.contents() == world.before)
    #expect(
      try psql(world.target.url, "select to_regclass('public.later'), count(*) from parents")
        == "|300")
    #expect(try FullRollbackWorld.settings(world.target.name) == world.settings)
    #expect(try world.databases().count == 2)
    #expect(
      try psql(world.target.url, "show \"shop.tenant\"; show work_mem; show search_path")
        == "a 'b' \\ c\n7MB\n\"$user\", public, \"odd, one\"")

    // It waits: everybody says so, and nothing is built upon it.
    #expect(try world.migrate.json("status").document["fullRollback"]?["stage"] == "swapped")
    for line in [world.line, "rollback --resume", "rollback commit --yes"] {
      let refused = try world.migrate(line)
      #expect(refused.exitCode == 1)
      #expect(refused.errors.contains("migrate rollback verify"), "\(line): \(refused.errors)")
    }
    #expect(try world.migrate("rollback commit --yes").exitCode == 1)
    let (verified, proof) = try world.migrate.json("rollback verify")
    #expect(verified == 0 && proof["verified"] == true, "\(proof.compact)")
    try psql(world.target.url, "update public.parents set weight = 1 where id = 9")
    #expect(try world.migrate("rollback verify").exitCode == 4)
    #expect(try world.migrate("rollback commit --yes").exitCode == 1)
    #expect(try world.migrate("rollback commit").exitCode == 1)
    #expect(try world.migrate("rollback commit --unverified").exitCode == 2)
    #expect(try world.migrate("rollback commit --unverified --yes").exitCode == 0)
    #expect(try world.databases() == [world.target.name])
    #expect(try FullRollbackWorld.settings(world.target.name) == world.settings)
    #expect(try world.migrate.json("report rollback").document["stage"] == "committed")
    #expect(try world.migrate("rollback commit --yes").exitCode == 1)
    #expect(try world.migrate("audit verify").exitCode == 0)
  }

  @Test func strangersAreNamedAndItCanBeUndone() throws {
    let world = try FullRollbackWorld()
    let number = "select oid from pg_database where datname = '\(world.target.name)'"
    let server = try TestServers.postgresURL()
    let oid = try psql(server, number)
    let first = try world.stranger()
    let refused = try world.migrate(world.line)
    #expect(refused.exitCode == 1)
    #expect(
      refused.errors.contains("1 session is connected") && refused.errors.contains("with psql"),
      "\(refused.errors)")
    #expect(try world.databases() == [world.target.name])
    #expect(try world.stage() == nil)
    let forced = try world.migrate(world.line + " --disconnect")
    #expect(forced.exitCode == 0, "\(forced.errors)")
    _ = waitForEnd(of: first, until: .now + .seconds(120))
    #expect(try world.contents() == world.before)
    #expect(try psql(server, number) != oid)

    let second = try world.stranger()
    #expect(try world.migrate("rollback undo --yes").exitCode == 1)
    #expect(try world.stage() == "swapped")
    #expect(try world.migrate("rollback undo --yes --disconnect").exitCode == 0)
    _ = waitForEnd(of: second, until: .now + .seconds(120))
    #expect(try psql(server, number) == oid)
    #expect(try world.contents() == world.broken)
    #expect(try FullRollbackWorld.settings(world.target.name) == world.settings)
    #expect(try world.databases() == [world.target.name])
  }

  @Test func onlyAVerifiedBackupOfTheTargetIsTaken() throws {
    let fixture = try BackupFixture(rows: 20)
    let none = try fixture.migrate("rollback --full --yes")
    #expect(none.exitCode == 1 && none.errors.contains("there is no backup of"), "\(none.errors)")
    let role = "owner_\(UUID().uuidString.prefix(8).lowercased())"
    try psql(
      fixture.database.url, "create role \(role); alter table public.nothing owner to \(role)")
    defer {
      _ = try? psql(
        fixture.database.url, "reassign owned by \(role) to current_user; drop role \(role)")
    }
    let name = try fixture.create()
    let before = try fixture.contents()
    for line in ["rollback --full --yes", "rollback --full --yes --backup \(name)"] {
      let refused = try fixture.migrate(line)
      #expect(refused.exitCode == 1)
      #expect(refused.errors.contains("migrate backup verify \(name)"), "\(refused.errors)")
    }
    #expect(try fixture.migrate("backup verify \(name)").exitCode == 0)
    let newer = try fixture.create()
    let partial = try fixture.create("--data-only")
    try psql(fixture.database.url, "delete from \"Child \"\"x\"\" rows\"")
    let (_, preview) = try fixture.migrate.json("rollback --full --dry-run")
    #expect(preview["backup"] == .text(name), "\(preview.compact)")
    #expect(preview["passedOver"] == .text(newer))
    for line in ["--backup \(partial)", "--last-step", "--table parents"] {
      #expect(try fixture.migrate("rollback --full --yes \(line)").exitCode != 0)
    }
    #expect(try fixture.migrate("rollback --last-step --backup \(name)").exitCode == 2)
    try failsWithout(role, fixture)
    let done = try fixture.migrate("rollback --full --yes --verify")
    #expect(done.exitCode == 0, "\(done.errors)")
    #expect(try fixture.contents() == before)
    let kept = try fixture.migrate.json("rollback commit --keep")
    guard case .text(let aside)? = kept.document["rollback"]?["aside"] else {
      Issue.record("\(kept.document.compact)")
      return
    }
    let server = try TestServers.postgresURL()
    let rows = "select count(*) from \"Child \"\"x\"\" rows\""
    #expect(try psql(url(server, database: aside), rows) == "0")
    try psql(server, "drop database \"\(aside)\"")
  }

  /// A role that owns something in the backup is not there any more: the restore fails.
  private func failsWithout(_ role: String, _ fixture: BackupFixture) throws {
    let url = fixture.database.url
    try psql(url, "alter table public.nothing owner to current_user; drop role \(role)")
    let broken = try fixture.contents()
    let failed = try fixture.migrate("rollback --full --yes")
    #expect(failed.exitCode == 1)
    #expect(failed.errors.contains("the target is unchanged"), "\(failed.errors)")
    #expect(failed.errors.contains(role))
    #expect(try fixture.contents() == broken)
    #expect(try fixture.migrate.json("status").document["fullRollback"] == .null)
    #expect(
      try psql(
        url, "select count(*) from pg_database where starts_with(datname, current_database())")
        == "1")
    try psql(url, "create role \(role); alter table public.nothing owner to \(role)")
  }

  @Test func missingRightsAreNamedBeforeAnythingIsDone() throws {
    var world = try FullRollbackWorld()
    let role = "plain_\(UUID().uuidString.prefix(8).lowercased())"
    try psql(
      world.target.url,
      "create role \(role) login password 'secret'; grant connect on database \"\(world.target.name)\" to \(role)"
    )
    defer {
      _ = try? psql(world.target.url, "drop owned by \(role); drop role \(role)")
    }
    var components = try #require(URLComponents(string: world.target.url))
    (components.user, components.password) = (role, "secret")
    world.migrate.environment["DATABASE_URL"] = components.string
    let refused = try world.migrate(world.line)
    #expect(refused.exitCode == 3)
    #expect(refused.errors.contains("ALTER ROLE \"\(role)\" CREATEDB"), "\(refused.errors)")
    #expect(refused.errors.contains("does not own the target"))
    #expect(try world.databases() == [world.target.name])
    #expect(try world.contents() == world.broken)
  }
}
