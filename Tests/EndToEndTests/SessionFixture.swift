import Foundation
import TestSupport

/// A table of values whose text depends on the settings of a session, and a plan that moves them.
struct SessionFixture {
  static let rows = 60
  static let orphans = 20

  let source: TemporaryDatabase
  let target: TemporaryDatabase
  var migrate: Migrate

  init() throws {
    source = try TemporaryDatabase("sessionsource")
    target = try TemporaryDatabase("sessiontarget")
    let columns = """
      id integer primary key, seen visit, spent interval, price money, tags text[], raw bytea,
      ratio double precision, span tstzrange, note xml
      """
    let type = "create type visit as (day date, at timestamptz, took interval, paid money)"
    try psql(
      source.url,
      """
      \(type);
      create table entries (\(columns));
      insert into entries select n,
        row(date '2024-01-02' + n % 9, timestamptz '2024-03-04 05:06:07Z' + n * interval '1 hour',
          interval '-1 day 02:03:04', n)::visit,
        interval '1 year -2 mons 3 days -04:05:06' * n, n * 1.25, array['a', null, 'c' || n],
        decode('00ff5c', 'hex'), 1 / (n + 2.0),
        tstzrange('2024-01-02 03:04Z', '2024-04-05 06:07Z'),
        xmlparse(content 'text <b>' || n || '</b>')
      from generate_series(1, \(Self.rows)) n;
      create table links (id integer primary key, entry integer);
      insert into links select n, n + \(Self.orphans) from generate_series(1, \(Self.rows)) n;
      """)
    try psql(
      target.url,
      """
      \(type);
      create table entries (\(columns));
      create table links (id integer primary key, entry integer not null references entries);
      """)
    migrate = try Migrate()
    migrate.environment["SOURCE_DATABASE_URL"] = source.url
    migrate.environment["DATABASE_URL"] = target.url
    migrate.environment["MIGRATION_BATCH_SIZE"] = "20"
    try FileManager.default.createDirectory(
      atPath: migrate.folder.path + "/config/diary", withIntermediateDirectories: true)
    _ = try migrate.folder.file(
      "config/diary/plan.json5",
      """
      {
        name: "diary", source: { kind: "postgres" },
        limits: { warnAt: "90%", stopAt: "95%" },
        tables: {
          entries: { from: "entries", key: "id", sameColumns: ["id", "seen", "spent", "price",
            "tags", "raw", "ratio", "span", "note"] },
          links: { from: "links", key: "id", sameColumns: ["id", "entry"] },
        },
      }
      """)
  }

  /// Sets something for all later sessions of a database.
  static func set(_ database: TemporaryDatabase, _ setting: String) throws {
    try psql(database.url, "alter database \"\(database.name)\" set \(setting)")
  }

  /// All entries of a database, in one form whatever the database's own settings are.
  static func entries(_ database: TemporaryDatabase) throws -> String {
    try psql(
      database.url,
      """
      set datestyle = 'ISO, MDY'; set intervalstyle = postgres; set timezone = 'UTC';
      set extra_float_digits = 3; set bytea_output = hex; set lc_monetary = 'C';
      set xmloption = content; set row_security = off;
      select md5(string_agg(e::text, '|' order by id)), count(*) from public.entries e;
      """)
  }

  /// A role of the target's server that is no superuser, and the target's URL with its login.
  func role(_ more: String = "") throws -> (name: String, url: String) {
    let name = "role_" + target.name
    try psql(
      target.url,
      """
      create role \(name) login password 'pw'; grant create on database "\(target.name)" to \(name);
      grant all on schema public to \(name); alter table entries owner to \(name);
      alter table links owner to \(name); \(more)
      """)
    return (name, try Self.login(name, target))
  }

  /// A database's URL with the login of such a role.
  static func login(_ role: String, _ database: TemporaryDatabase) throws -> String {
    guard var url = URLComponents(string: database.url) else { return "" }
    (url.user, url.password) = (role, "pw")
    return url.string ?? ""
  }

  /// Lets the role go again.
  func drop(_ role: String, _ databases: [TemporaryDatabase]) {
    for database in databases { _ = try? psql(database.url, "drop owned by \(role) cascade") }
    _ = try? psql(target.url, "drop role \(role)")
  }
}
