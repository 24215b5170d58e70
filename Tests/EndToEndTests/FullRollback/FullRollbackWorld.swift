import Foundation
import MigrationCore
import TestSupport

/// A target with settings of its own that was backed up, and was broken since.
struct FullRollbackWorld {
  let target: TemporaryDatabase
  var migrate: Migrate
  /// The whole target before and after it was broken.
  let before: String
  let broken: String
  let settings: String

  /// A database with its verified backup, made once. It is asked nothing more: one that is in use
  /// can't be copied.
  private static let original: Result<(fixture: BackupFixture, backup: String), any Error> = Result
  {
    let fixture = try BackupFixture(rows: 300)
    let backup = try fixture.create()
    let verified = try fixture.migrate("backup verify \(backup)")
    guard verified.exitCode == 0 else { throw SubprocessFailure(description: verified.errors) }
    return (fixture, backup)
  }

  /// The command line of a full rollback of this target: the backup is that of the original.
  var line: String { "rollback --full --backup \(backup) --yes" }
  let backup: String

  init() throws {
    let (fixture, backup) = try Self.original.get()
    self.backup = backup
    target = try TemporaryDatabase("whole", copying: fixture.database)
    migrate = fixture.migrate
    // The folder is another one, as on another machine; the backups are there too.
    let own = try Migrate()
    migrate = own
    migrate.environment["MIGRATION_BACKUP_DIR"] = fixture.path("")
    migrate.environment["DATABASE_URL"] = target.url
    try Self.decorate(target)
    settings = try Self.settings(target.name)
    before = try BackupFixture.contents(target.url)
    try Self.damage(target)
    broken = try BackupFixture.contents(target.url)
  }

  /// What no dump of one database holds.
  static func decorate(_ database: TemporaryDatabase) throws {
    try psql(
      database.url,
      """
      comment on database "\(database.name)" is 'don''t touch';
      alter database "\(database.name)" connection limit 40;
      alter database "\(database.name)" set search_path = "$user", public, "odd, one";
      alter database "\(database.name)" set "shop.tenant" = 'a ''b'' \\ c';
      alter role current_user in database "\(database.name)" set work_mem = '7MB';
      revoke connect on database "\(database.name)" from public;
      grant create on database "\(database.name)" to pg_monitor with grant option;
      """)
  }

  static func damage(_ database: TemporaryDatabase) throws {
    try psql(
      database.url,
      """
      delete from public."Child ""x"" rows" where id < 100;
      update public.parents set weight = 0 where id = 7;
      alter table public.parents drop column price cascade;
      alter table public.parents add column price numeric;
      select setval('public.parents_id_seq', 9000);
      create table public.later (id int)
      """)
  }

  /// Everything that the server keeps of a database outside of it.
  static func settings(_ name: String) throws -> String {
    try psql(
      TestServers.postgresURL(),
      """
      select pg_get_userbyid(datdba), encoding, datcollate, datctype, datconnlimit, datallowconn, datistemplate,
        dattablespace, shobj_description(d.oid, 'pg_database'),
        (select string_agg(x::text, ' ' order by x::text) from aclexplode(datacl) x),
        (select string_agg(setrole || ' ' || setconfig::text, ' ' order by setrole)
          from pg_db_role_setting where setdatabase = d.oid)
      from pg_database d where datname = '\(name)'
      """)
  }

  func contents() throws -> String { try BackupFixture.contents(target.url) }

  /// The databases whose names begin with the target's.
  func databases() throws -> [String] {
    try psql(
      TestServers.postgresURL(),
      "select datname from pg_database where starts_with(datname, '\(target.name)') order by 1"
    ).split(separator: "\n").map(String.init)
  }

  /// The stage that the mark in the server shows; nil if there is none.
  func stage() throws -> String? {
    let found = try psql(
      TestServers.postgresURL(),
      """
      select substring(shobj_description(oid, 'pg_database') from '"stage":"([a-z]+)"') from pg_database
      where starts_with(datname, '\(target.name)') and shobj_description(oid, 'pg_database') like '%"stage":%'
      """)
    return found.isEmpty ? nil : found
  }

  /// A session of others on the target, until it is ended.
  func stranger() throws -> pid_t {
    let pid = try spawn(
      [psqlProgram, "-X", "-q", "-d", target.url, "-c", "select pg_sleep(60)"],
      migrate.environment, output: "/dev/null", errors: "/dev/null")
    try eventually("the session of a stranger") {
      try number(
        target,
        "select count(*) from pg_stat_activity where datname = current_database() and query like '%pg_sleep(60)'"
      ) > 0
    }
    return pid
  }
}
