import Foundation
import MigrationCore
import TestSupport
import Testing

/// Settings of server, database, role, URL and pooler that would change values or checks.
@Suite struct SessionSettingsEndToEndTests {
  private func expectEqual(_ fixture: SessionFixture) throws {
    #expect(
      try SessionFixture.entries(fixture.target) == SessionFixture.entries(fixture.source))
  }

  /// Each changes the text of a value that is sent as text, or what a text means.
  private static let hostile = [
    "datestyle = 'SQL, DMY'", "intervalstyle = iso_8601", "timezone = 'Asia/Kolkata'",
    "extra_float_digits = -10", "bytea_output = escape", "array_nulls = off",
    "xmloption = document", "standard_conforming_strings = off", "transform_null_equals = on",
    "gin_fuzzy_search_limit = 1", "default_transaction_isolation = serializable",
    "default_transaction_deferrable = on", "row_security = on", "quote_all_identifiers = on",
    "search_path = ''", "backslash_quote = on", "xmlbinary = hex",
  ]

  @Test func settingsOfADatabaseChangeNoValue() throws {
    let fixture = try SessionFixture()
    for setting in Self.hostile {
      try SessionFixture.set(fixture.source, setting)
      try SessionFixture.set(fixture.target, setting)
    }
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 5, "\(run.errors)")
    try expectEqual(fixture)
  }

  @Test func settingsOfARoleChangeNoValue() throws {
    let fixture = try SessionFixture()
    var migrate = fixture.migrate
    let (role, url) = try fixture.role()
    defer { fixture.drop(role, [fixture.target]) }
    migrate.environment["DATABASE_URL"] = url
    for setting in ["array_nulls = off", "datestyle = 'German'", "timezone = 'Asia/Kolkata'"] {
      try psql(fixture.target.url, "alter role \(role) set \(setting)")
    }
    let run = try migrate("run")
    #expect(run.exitCode == 5, "\(run.errors)")
    try expectEqual(fixture)
  }

  /// What values depend on is never overridden; other options stay.
  @Test func optionsOfAURLChangeNoValue() throws {
    let fixture = try SessionFixture()
    var migrate = fixture.migrate
    let options =
      "?options=-c%20datestyle%3DSQL%5C,%5C%20DMY%20-c%20array_nulls%3Doff%20-c%20jit%3Doff"
    migrate.environment["SOURCE_DATABASE_URL"] = fixture.source.url + options
    migrate.environment["DATABASE_URL"] = fixture.target.url + options
    let run = try migrate("run")
    #expect(run.exitCode == 5, "\(run.errors)")
    try expectEqual(fixture)
  }

  @Test func aPoolerThatDropsOptionsChangesNoValue() throws {
    let fixture = try SessionFixture()
    let pooler = try Pooler(.session)
    for setting in Self.hostile {
      try SessionFixture.set(fixture.source, setting)
      try SessionFixture.set(fixture.target, setting)
    }
    var migrate = fixture.migrate
    migrate.environment["SOURCE_DATABASE_URL"] = pooler.url(fixture.source.url)
    migrate.environment["DATABASE_URL"] = pooler.url(fixture.target.url)
    let run = try migrate("run")
    #expect(run.exitCode == 5, "\(run.errors)")
    try expectEqual(fixture)
    #expect(try migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try number(fixture.target, "select count(*) from public.entries") == 0)
  }

  /// A pooler that is set up as it comes refuses startup options, so none are sent.
  @Test func aPoolerThatRefusesOptionsWorks() throws {
    let fixture = try SessionFixture()
    let pooler = try Pooler(.session, ignoring: "extra_float_digits")
    var migrate = fixture.migrate
    migrate.environment["SOURCE_DATABASE_URL"] = pooler.url(fixture.source.url)
    migrate.environment["DATABASE_URL"] = pooler.url(fixture.target.url)
    let run = try migrate("run")
    #expect(run.exitCode == 5, "\(run.errors)")
    try expectEqual(fixture)
  }

  /// Options that the pooler drops are set all the same: here one that a default of the target reads.
  @Test func optionsOfAURLThatAPoolerDropsAreSet() throws {
    let fixture = try SessionFixture()
    let pooler = try Pooler(.session)
    try psql(
      fixture.target.url,
      "alter table links add column most text default current_setting('diary.most', true)")
    var migrate = fixture.migrate
    migrate.environment["DATABASE_URL"] =
      pooler.url(fixture.target.url) + "?options=-c%20diary.most%3D41"
    let run = try migrate("run")
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(
      try number(fixture.target, "select count(*) from links where most = '41'")
        == SessionFixture.rows - SessionFixture.orphans)
  }

  @Test(arguments: [Pooler.Mode.transaction, .statement], ["SOURCE_DATABASE_URL", "DATABASE_URL"])
  func aPoolerThatKeepsNoSessionIsRefused(_ mode: Pooler.Mode, _ side: String) throws {
    let fixture = try SessionFixture()
    let pooler = try Pooler(mode)
    var migrate = fixture.migrate
    let straight = try #require(migrate.environment[side])
    migrate.environment[side] = pooler.url(straight)
    let run = try migrate("run")
    #expect(run.exitCode == 3)
    #expect(run.errors.contains("in transaction or statement mode"), "\(run.errors)")
    #expect(run.errors.contains("pool_mode"))
    #expect(try migrate("validate").exitCode != 0)
    #expect(try number(fixture.target, "select count(*) from entries") == 0)
    // Nothing was set for the others who share the pooler's sessions.
    let left = try psql(
      pooler.url(straight), "select current_setting('search_path'), current_setting('row_security')"
    )
    #expect(left == "\"$user\", public|on")
  }

  @Test func aReplicationRoleOfTheTargetDoesNotSwitchForeignKeysOff() throws {
    let fixture = try SessionFixture()
    try SessionFixture.set(fixture.target, "session_replication_role = replica")
    let checked = try fixture.migrate("check")
    #expect(checked.output.contains("session_replication_role"), "\(checked.output)")
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 5, "\(run.errors)")
    let orphans = "select count(*) from links where entry not in (select id from entries)"
    #expect(try number(fixture.target, orphans) == 0)
    #expect(
      try number(fixture.target, "select count(*) from links")
        == SessionFixture.rows - SessionFixture.orphans)
  }

  @Test func whatTheRoleMayNotSetIsRefused() throws {
    let fixture = try SessionFixture()
    let (role, url) = try fixture.role()
    defer { fixture.drop(role, [fixture.target]) }
    var migrate = fixture.migrate
    migrate.environment["DATABASE_URL"] = url
    try psql(fixture.target.url, "alter role \(role) set session_replication_role = replica")
    for line in ["run", "validate-all", "test-connections", "status", "retry"] {
      let refused = try migrate(line)
      let told = refused.output + refused.errors
      #expect(told.contains("session_replication_role"), "\(line): \(told)")
      #expect(told.contains("ALTER ROLE") && told.contains(role), "\(line): \(told)")
      #expect(refused.exitCode == (line == "validate-all" ? 4 : 3), "\(line): \(told)")
    }
    #expect(try number(fixture.target, "select count(*) from entries") == 0)
  }

  /// Somebody has made it read-only on purpose.
  @Test func aTargetThatIsReadOnlyByDefaultIsRefused() throws {
    let fixture = try SessionFixture()
    try SessionFixture.set(fixture.target, "default_transaction_read_only = on")
    for line in ["run", "run --dry-run", "db migrate", "retry", "check"] {
      let refused = try fixture.migrate(line)
      let told = refused.output + refused.errors
      #expect(told.contains("default_transaction_read_only"), "\(line): \(told)")
      #expect(refused.exitCode == 3, "\(line): \(told)")
    }
    #expect(
      try number(
        fixture.target, "select count(*) from pg_namespace where nspname = 'migrate'") == 0)
  }

  /// PostgreSQL's own programs set what values depend on for themselves, but for the NULLs of arrays.
  @Test func aRestoreChangesNoValue() throws {
    let fixture = try SessionFixture()
    #expect(try fixture.migrate("run").exitCode == 5)
    let before = try SessionFixture.entries(fixture.target)
    #expect(try fixture.migrate("backup create").exitCode == 0)
    try psql(fixture.target.url, "delete from links; delete from entries")
    for setting in ["array_nulls = off", "datestyle = 'SQL, DMY'", "lc_monetary = 'C'"] {
      try SessionFixture.set(fixture.target, setting)
    }
    let backups = fixture.migrate.folder.path + "/backups"
    let backup = try #require(
      FileManager.default.contentsOfDirectory(atPath: backups).first { !$0.hasPrefix(".") })
    let restored = try fixture.migrate("backup restore \(backup) --tables entries,links --yes")
    #expect(restored.exitCode == 0, "\(restored.output) \(restored.errors)")
    #expect(try SessionFixture.entries(fixture.target) == before)
  }
}
