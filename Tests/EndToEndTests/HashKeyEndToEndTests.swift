import Foundation
import MigrationCore
import TestSupport
import Testing

/// Digests of personal data are keyed, with a key that the settings give and nothing shows.
@Suite struct HashKeyEndToEndTests {
  private static let key = "k3y-0f-d1gests-in-tests"
  private static let otherKey = "another-key-of-digests!"

  private func fixture() throws -> TablesFixture {
    try TablesFixture(
      tables: """
        { people: { from: "people", key: "id", columns: {
          id: "id", phone: { from: "phone", hash: true }, age: "age" } } }
        """,
      sourceSQL: """
        create table people (id integer primary key, phone text, age integer);
        insert into people values (1, '1234', 7), (2, '5678', 300000);
        """,
      targetSQL: "create table people (id integer primary key, phone text, age smallint);")
  }

  private func hmac(_ text: String) throws -> String {
    try mustRun(
      TestServers.python(),
      ["-c", "import hmac; print(hmac.new(b'\(Self.key)', b'\(text)', 'sha256').hexdigest())"]
    ).trimmingCharacters(in: .newlines)
  }

  @Test(arguments: ["", "short"]) func aPlanWithDigestsIsRefusedWithoutAKey(_ key: String) throws {
    let fixture = try fixture()
    var migrate = fixture.migrate
    migrate.environment["MIGRATION_HASH_KEY"] = key
    for line in [
      "plan check", "run", "plan profile", "session start", "plan explain people --limit 1",
    ] {
      let finished = try migrate(line)
      #expect(finished.exitCode == 3, "\(line): \(finished.output) \(finished.errors)")
      #expect(finished.errors.contains("MIGRATION_HASH_KEY"), "\(line): \(finished.errors)")
    }
    #expect(try fixture.query("select count(*) from people") == "0")
    #expect(try fixture.query("select to_regclass('migrate.run')") == "")
  }

  @Test func theKeyOfTheSettingsMakesTheDigests() throws {
    let fixture = try fixture()
    _ = try fixture.migrate.folder.file(".env", "MIGRATION_HASH_KEY=\(Self.key)\n")
    #expect(try fixture.migrate("plan check").exitCode == 0)
    #expect(try fixture.migrate("run").exitCode == 5)
    #expect(try fixture.query("select phone from people where id = 1") == (try hmac("1234")))
    try psql(fixture.source.url, "update people set age = 30 where id = 2")
    #expect(try fixture.migrate("retry").exitCode == 0)
    #expect(try fixture.query("select phone from people where id = 2") == (try hmac("5678")))
    let validated = try fixture.migrate("validate --all")
    #expect(validated.exitCode == 0, "\(validated.output)")
    let traced = try fixture.migrate("trace --table people --key 1")
    #expect(traced.exitCode == 0, "\(traced.errors)")
    #expect(traced.output.contains(try hmac("1234")), "\(traced.output)")
    let explained = try fixture.migrate("plan explain people --limit 1")
    #expect(explained.output.contains(try hmac("1234")), "\(explained.output)")
  }

  @Test func aSessionGoesOnWithItsOwnKeyAlone() throws {
    let fixture = try fixture()
    var migrate = fixture.migrate
    migrate.environment["MIGRATION_HASH_KEY"] = Self.key
    #expect(try migrate("session start").exitCode == 0)
    migrate.environment["MIGRATION_HASH_KEY"] = Self.otherKey
    let other = try migrate("run")
    #expect(other.exitCode == 3, "\(other.errors)")
    #expect(other.errors.contains("MIGRATION_HASH_KEY has changed"), "\(other.errors)")
    #expect(try fixture.query("select count(*) from people") == "0")
    migrate.environment["MIGRATION_HASH_KEY"] = Self.key
    #expect(try migrate("run").exitCode == 5)
    migrate.environment["MIGRATION_HASH_KEY"] = Self.otherKey
    for line in ["retry", "validate"] {
      let refused = try migrate(line)
      #expect(refused.exitCode == 3, "\(line): \(refused.output) \(refused.errors)")
    }
  }

  @Test func theKeyIsShownNowhere() throws {
    let fixture = try fixture()
    var migrate = fixture.migrate
    migrate.environment["MIGRATION_HASH_KEY"] = Self.key
    for line in ["config", "config --json", "run --verbose", "status --json", "receipt write"] {
      let said = try migrate(line)
      #expect(!(said.output + said.errors).contains(Self.key), "\(line): \(said)")
    }
    let ledger = try mustRun(
      TestServers.postgresPrograms() + "/pg_dump", ["--data-only", "-d", fixture.target.url])
    #expect(ledger.contains("hashKey"))
    #expect(!ledger.contains(Self.key))
    let files = try FileManager.default.subpathsOfDirectory(atPath: migrate.folder.path)
    for file in files where !file.hasPrefix("config") {
      let text = try? String(contentsOfFile: migrate.folder.path + "/" + file, encoding: .utf8)
      #expect(text?.contains(Self.key) != true, "\(file)")
    }
  }
}
