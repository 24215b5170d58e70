import Foundation
import MigrationCore
import TestSupport
import Testing

/// What is wrong with a backup is found and named, and nothing that is wrong is called verified.
@Suite struct BackupDamageEndToEndTests {
  @Test func everyKindOfDamageIsNamed() throws {
    let fixture = try BackupFixture(rows: 20)
    let name = try fixture.create()
    let other = try fixture.create()
    let folder = fixture.path(name)
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter {
      $0.contains(".dat")
    }
    #expect(files.count > 5)
    for file in files + ["manifest.json", "identity.json"] {
      let expected = file.hasSuffix(".json") ? "manifest \(file)" : "checksum \(file)"
      try changing(folder + "/" + file) {
        $0[$0.count / 2] ^= 0x10
      } then: {
        let (exitCode, document) = try fixture.migrate.json("backup verify \(name)")
        #expect(exitCode == 4)
        #expect(document["verified"] == false)
        let found = BackupFixture.findings(document)
        // Half of the middle of the identity may be another part of it than its hash.
        #expect(
          found.first == expected
            || (file.hasSuffix(".json") && found.first?.hasPrefix("manifest") == true), "\(found)")
      }
    }
    let file = try #require(files.first { $0.hasSuffix(".dat.gz") })
    try changing(folder + "/" + file) {
      $0.removeLast(3)
    } then: {
      #expect(try fixture.state(name) == "damaged")
      let (exitCode, document) = try fixture.migrate.json("backup verify \(name)")
      #expect(exitCode == 4)
      #expect(BackupFixture.findings(document) == ["truncated \(file)"])
      #expect(try fixture.migrate("backup restore \(name) --replace --yes").errors.contains(file))
    }
    try FileManager.default.moveItem(atPath: folder + "/" + file, toPath: folder + "/dump/strange")
    let (moved, lost) = try fixture.migrate.json("backup verify \(name)")
    #expect(moved == 4)
    #expect(BackupFixture.findings(lost) == ["missing \(file)", "extra dump/strange"])
    try FileManager.default.moveItem(atPath: folder + "/dump/strange", toPath: folder + "/" + file)

    let foreign = try Data(contentsOf: URL(fileURLWithPath: fixture.path(other) + "/manifest.json"))
    try changing(folder + "/manifest.json") {
      $0 = [UInt8](foreign)
    } then: {
      let (exitCode, document) = try fixture.migrate.json("backup verify \(name)")
      #expect(exitCode == 4)
      #expect(document.compact.contains("belongs to another backup, \(other)"))
    }
    #expect(try fixture.migrate("backup verify \(name)").exitCode == 0)
    #expect(try fixture.state(name) == "verified")
  }

  /// The constraint's function reads a table that is filled later: what can be dumped and never restored.
  @Test func whatCanNotBeRestoredIsNeverVerified() throws {
    let fixture = try BackupFixture(rows: 5)
    try psql(
      fixture.database.url,
      """
      create table public.z_allowed (x int); insert into public.z_allowed values (1);
      create function public.is_allowed(v int) returns boolean language plpgsql as
        $$ begin return exists (select from public.z_allowed where x = v); end $$;
      create table public.a_checked (x int check (public.is_allowed(x))); insert into public.a_checked values (1);
      """)
    let name = try fixture.create("--jobs 1")
    let (exitCode, document) = try fixture.migrate.json("backup verify \(name)")
    #expect(exitCode == 4)
    #expect(BackupFixture.findings(document) == ["restore"])
    #expect(try fixture.state(name) == "failed")
  }

  @Test func aDiskThatIsTooFullIsToldAndNothingIsLeft() throws {
    let fixture = try BackupFixture(rows: 2000)
    let refused = try fixture.migrate("backup create --set MIGRATION_MIN_FREE_DISK=1000TiB")
    #expect(refused.exitCode == 6)
    #expect(refused.errors.contains("ERR_008"))
    #expect(refused.errors.contains("MIGRATION_BACKUP_DIR"))
    let line = "ulimit -f 64; exec '\(try Migrate.executable())' backup create --compress 0"
    let limited = try run(
      "/bin/bash", ["-c", line], environment: fixture.migrate.environment,
      in: fixture.migrate.folder.path)
    #expect([1, 6].contains(limited.exitCode), "\(limited.errors)")
    #expect(try fixture.migrate.json("backup list").document["backups"] == [])
    try FileManager.default.removeItem(atPath: fixture.path(""))
    try "".write(
      toFile: fixture.migrate.folder.path + "/backups", atomically: true, encoding: .utf8)
    let noFolder = try fixture.migrate("backup create")
    #expect(noFolder.exitCode == 1)
    #expect(noFolder.errors.contains("MIGRATION_BACKUP_DIR"))
  }

  private func changing(
    _ file: String, _ change: (inout [UInt8]) -> Void, then body: () throws -> Void
  ) throws {
    let url = URL(fileURLWithPath: file)
    let whole = try Data(contentsOf: url)
    var bytes = [UInt8](whole)
    change(&bytes)
    try Data(bytes).write(to: url)
    try body()
    try whole.write(to: url)
  }
}
