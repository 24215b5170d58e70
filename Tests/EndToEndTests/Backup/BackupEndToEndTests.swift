import Foundation
import MigrationCore
import TestSupport
import Testing

/// Backups made, verified and restored.
@Suite struct BackupEndToEndTests {
  @Test func aBackupIsProvedAndPutBack() throws {
    let fixture = try BackupFixture()
    let before = try fixture.contents()
    let name = try fixture.create("--jobs 2 --note before")
    #expect(try fixture.state(name) == "not verified")
    for (file, mode) in [
      ("", 0o700), ("/dump", 0o700), ("/dump/toc.dat", 0o600), ("/manifest.json", 0o600),
    ] {
      let found = try FileManager.default.attributesOfItem(atPath: fixture.path(name) + file)
      #expect(found[.posixPermissions] as? Int == mode, "\(file)")
    }
    let (exitCode, proof) = try fixture.migrate.json("backup verify")
    #expect(exitCode == 0, "\(proof.compact)")
    #expect(proof["verified"] == true)
    #expect(proof["rows"] == .int(2001))
    #expect(try fixture.state(name) == "verified")
    #expect(try temporaryServers() == 0)

    let beside = try TemporaryDatabase("restored")
    let restored = try fixture.migrate.json("backup restore \(name) --to \(beside.url) --yes")
    #expect(restored.exitCode == 0, "\(restored.document.compact)")
    #expect(restored.document["way"] == "fresh")
    #expect(try BackupFixture.contents(beside.url) == before)

    try psql(
      fixture.database.url,
      """
      delete from public."Child ""x"" rows" where id < 100; update public.parents set weight = 0 where id = 7;
      drop view public.named; create table public.later (id int)
      """)
    #expect(try fixture.migrate("backup restore \(name) --yes").exitCode == 1)
    #expect(try fixture.migrate("backup restore \(name) --replace").exitCode == 2)
    let replaced = try fixture.migrate.json("backup restore \(name) --replace --yes")
    #expect(replaced.exitCode == 0, "\(replaced.document.compact)")
    #expect(replaced.document["way"] == "replaced")
    #expect(try fixture.contents() == before)
    #expect(
      try psql(
        fixture.database.url,
        "select to_regclass('public.later'), to_regnamespace('migrate_restore')") == "later|")
  }

  /// A target that takes no writes is refused before anything is tried.
  @Test func aReadOnlyTargetIsRefusedBeforehand() throws {
    let fixture = try BackupFixture(rows: 20)
    let name = try fixture.create()
    let beside = try TemporaryDatabase("readonly")
    let script = fixture.migrate.folder.path + "/dump.sql"
    try mustRun(
      TestServers.postgresPrograms() + "/pg_dump", ["-f", script, "-d", fixture.database.url])
    let database = try psql(beside.url, "select current_database()")
    try psql(beside.url, "alter database \(database) set default_transaction_read_only = on")
    for line in ["\(name) --yes", "\(name) --dry-run", "\(script) --yes"] {
      let refused = try fixture.migrate("backup restore \(line) --to \(beside.url)")
      #expect(refused.exitCode == 3, "\(line): \(refused.errors)")
      #expect(refused.errors.contains("default_transaction_read_only"), "\(refused.errors)")
    }
    #expect(
      try psql(
        beside.url, "select count(*) from pg_class where relnamespace = 'public'::regnamespace")
        == "0")
    let servers = try PrivateServers(.postgres)
    let copy = try CopiedServer(of: servers, isStandby: true)
    let refused = try fixture.migrate("backup restore \(name) --yes --to \(copy.url)")
    #expect(refused.exitCode == 3, "\(refused.errors)")
    #expect(refused.errors.contains("standby"), "\(refused.errors)")
  }

  /// What a runbook does when a migration went wrong.
  @Test func theTargetIsAsItWasBeforeTheMigration() throws {
    let source = try TemporaryDatabase("backup_source")
    let target = try TemporaryDatabase("backup_target")
    var migrate = try Migrate()
    migrate.environment["SOURCE_DATABASE_URL"] = source.url
    migrate.environment["DATABASE_URL"] = target.url
    migrate.environment["MIGRATION_CONFIG_DIR"] = packageRoot + "/config"
    migrate.environment["MIGRATION_PLAN"] = "nxt"
    #expect(try migrate("sample --rows 100").exitCode == 0)
    #expect(try migrate("db migrate").exitCode == 0)
    let (created, document) = try migrate.json("create-backup")
    #expect(created == 0)
    #expect(document["verification"]?["verified"] == true)
    guard case .text(let name)? = document["backup"]?["name"] else { return }
    #expect(try migrate("run --all").exitCode == 0)
    try psql(target.url, "update customers set company_name = 'broken by hand'")
    #expect(try migrate("validate --samples all").exitCode == 4)

    let restored = try migrate("db:restore \(name) --replace --yes")
    #expect(restored.exitCode == 0, "\(restored.errors)")
    #expect(restored.errors.contains("is abandoned"))
    #expect(try psql(target.url, "select count(*) from customers") == "0")
    #expect(try migrate("audit verify").exitCode == 0)
    #expect(try migrate("run --all").exitCode == 0)
    #expect(try migrate("validate --samples all").exitCode == 0)

    // And once more from in between: the restored ledger describes its own rows.
    let (_, later) = try migrate.json("backup create")
    guard case .text(let after)? = later["backup"]?["name"] else { return }
    try psql(target.url, "truncate customers cascade")
    #expect(try migrate("backup restore \(after) --replace --yes").exitCode == 0)
    #expect(try migrate("validate --samples all").exitCode == 0)
    #expect(try psql(target.url, "select count(*) from migrate.chunk where xid is not null") == "0")
  }

  @Test func onlyWhatIsAskedForIsPutBack() throws {
    let fixture = try BackupFixture(rows: 50)
    let before = try fixture.contents()
    let schema = try fixture.create("--schema-only")
    let unknown = try fixture.migrate("backup create --tables parentz")
    #expect(unknown.exitCode == 3)
    #expect(unknown.errors.contains("did you mean parents?"))
    let rows = try fixture.create("--data-only")
    let parents = try fixture.create("--tables parents")
    for name in [schema, rows, parents] {
      let (exitCode, proof) = try fixture.migrate.json("backup verify \(name)")
      #expect(exitCode == 0, "\(name) \(proof.compact)")
    }
    let other = try TemporaryDatabase("schema_only")
    #expect(try fixture.migrate("backup restore \(schema) --to \(other.url) --yes").exitCode == 0)
    #expect(try psql(other.url, "select count(*) from public.parents") == "0")

    try psql(fixture.database.url, "update public.parents set name = 'changed ' || id")
    try psql(fixture.database.url, "delete from public.\"Child \"\"x\"\" rows\" where id = 1")
    let back = try fixture.migrate.json("backup restore \(parents) --replace --yes")
    #expect(back.exitCode == 0, "\(back.document.compact)")
    #expect(back.document["way"] == "rows")
    #expect(back.document["tables"] == 1)
    #expect(try fixture.contents() != before)
    let all = try fixture.migrate.json("backup restore \(rows) --replace --yes")
    #expect(all.exitCode == 0, "\(all.document.compact)")
    #expect(try fixture.contents() == before)

    // Rows that others refer to by now.
    try psql(
      fixture.database.url,
      "insert into public.parents (id, name) values (1000, 'new'); insert into public.\"Child \"\"x\"\" rows\" (parent_id) values (1000)"
    )
    let changed = try fixture.contents()
    let refused = try fixture.migrate("backup restore \(parents) --replace --yes")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("ERR_004"))
    #expect(try fixture.contents() == changed)
  }

  @Test func theDumpAndTheManifestAreOfOneMoment() throws {
    let fixture = try BackupFixture(rows: 2000)
    let writer = try spawn(
      [
        psqlProgram, "-X", "-q", "-d", fixture.database.url, "-c",
        "do $$ begin for i in 1..2000 loop insert into public.parents (name) values ('w' || i); commit; end loop; end $$",
      ],
      fixture.migrate.environment, output: "/dev/null", errors: "/dev/null")
    let names = try (0..<2).map { _ in try fixture.create("--jobs 2") }
    _ = waitForEnd(of: writer, until: .now + .seconds(120))
    for name in names {
      let (exitCode, proof) = try fixture.migrate.json("backup verify \(name)")
      #expect(exitCode == 0, "\(proof.compact)")
    }
  }

  @Test func pruningKeepsTheLastVerifiedOne() throws {
    let fixture = try BackupFixture(rows: 5)
    let first = try fixture.create("--schema-only")
    #expect(try fixture.migrate("backup verify").exitCode == 0)
    let others = try (0..<3).map { _ in try fixture.create("--schema-only") }
    #expect(try fixture.migrate("backup prune --keep 1").exitCode == 2)
    #expect(try fixture.migrate("backup prune --keep 1 --dry-run").exitCode == 0)
    #expect(try fixture.migrate("backup prune --keep 1 --yes").exitCode == 0)
    #expect(try fixture.state(first) == "verified")
    #expect(try fixture.state(others[0]) == nil)
    #expect(try fixture.state(others[2]) == "not verified")
    #expect(try fixture.migrate("backup prune --older-than 1 --yes").exitCode == 0)
    #expect(try fixture.state(others[2]) == "not verified")
    #expect(try fixture.migrate("backup prune --older-than 0 --yes").exitCode == 0)
    #expect(try fixture.state(others[2]) == nil)
    #expect(try fixture.state(first) == "verified")
  }

  private func temporaryServers() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/tmp").count { name in
      // Other tests may have theirs at work: only what no process uses any more would be left behind.
      name.hasPrefix("migrate-verify-")
        && (try? run("/usr/bin/flock", ["-n", "/tmp/\(name)/owner", "true"]).exitCode) == 0
    }
  }
}
