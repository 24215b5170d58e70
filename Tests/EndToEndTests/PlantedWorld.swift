import Foundation
import MigrationCore
import TestSupport

/// Two databases with planted objects in every schema of a search path that names the system's last, and code of
/// their owners that relies on that path.
struct PlantedWorld {
  let source: TemporaryDatabase
  let target: TemporaryDatabase
  var migrate: Migrate

  init() throws {
    source = try TemporaryDatabase("plantedsource")
    target = try TemporaryDatabase("plantedtarget")
    let role = try psql(source.url, "select quote_ident(current_user)")
    try psql(source.url, Self.sourceSQL.replacing("$role", with: role))
    try psql(target.url, Self.targetSQL.replacing("$role", with: role))
    for (database, schema) in [(source, "old"), (target, "shop")] {
      try PlantedNames.plant(
        database, schemas: [role, schema, "public"], kind: schema + ".kind")
      try psql(
        database.url,
        """
        alter database "\(database.name)" set search_path = "$user", \(schema), public, pg_catalog
        """)
    }
    migrate = try Migrate()
    migrate.environment["SOURCE_DATABASE_URL"] = source.url
    migrate.environment["DATABASE_URL"] = target.url
    migrate.environment["MIGRATION_BATCH_SIZE"] = "20"
    migrate.environment["MIGRATION_PLAN"] = "shop"
    for folder in ["shop/schema", "nxt"] {
      try FileManager.default.createDirectory(
        atPath: migrate.folder.path + "/config/" + folder, withIntermediateDirectories: true)
    }
    _ = try migrate.folder.file("config/shop/plan.json5", Self.plan)
    for file in ["plan.json5", "legacy.sql"] {
      let text = try String(contentsOfFile: packageRoot + "/config/nxt/" + file, encoding: .utf8)
      _ = try migrate.folder.file("config/nxt/" + file, text)
    }
    let schema = "config/shop/schema/"
    _ = try migrate.folder.file(schema + "001_shop.up.sql", Self.tables)
    _ = try migrate.folder.file(schema + "001_shop.down.sql", "DROP TABLE tags; DROP TABLE items;")
    _ = try migrate.folder.file(schema + "002_more.up.sql", "CREATE TABLE more (id integer);")
    _ = try migrate.folder.file(schema + "002_more.down.sql", "DROP TABLE more;")
  }

  /// Adds to the tables what the schema file does not make.
  func addTriggers() throws { try psql(target.url, Self.triggers) }

  /// The name of the only backup; empty if there is none yet.
  func backup() throws -> String {
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: migrate.folder.path + "/backups")
    return names?.first { $0.hasPrefix("backup_") } ?? ""
  }

  /// Runs a body while the target's tables belong to a role that is no superuser.
  func withOwner(_ body: () throws -> Void) throws {
    let role = target.name + "_owner"
    let tables = ["items", "tags", "notes"]
    func give(_ owner: String) throws {
      try psql(
        target.url, tables.map { "alter table shop.\($0) owner to \(owner);" }.joined())
    }
    try psql(target.url, "create role \(role)")
    defer {
      _ = try? give("current_user")
      _ = try? psql(target.url, "drop role \(role)")
    }
    try give(role)
    try body()
  }

  /// The condition of the plan calls a function that only the database's own path leads to.
  private static let sourceSQL = """
    create schema $role;
    create schema old;
    create type old.kind as enum ('open', 'closed');
    create type old.pair as (one integer, two varchar(20));
    create table old.items (code varchar(20) primary key, id integer unique, name varchar(40), state old.kind,
      amount numeric(9,2), at timestamptz, open boolean, ref integer, number integer,
      took interval, size old.pair, kinds old.kind[]);
    insert into old.items select 'item ' || n, n, case when n <= 117 then 'name ' || n end,
      (array['open', 'closed'])[n % 2 + 1]::old.kind, n * 1.5, timestamptz '2024-01-01Z' + n * interval '1 hour',
      n % 3 = 0, case when n > 110 then 999 else n / 2 + 1 end, n % 40,
      n * interval '25 hours', row(n, ('two ' || n)::varchar(20))::old.pair, array['open', 'closed']::old.kind[]
    from generate_series(1, 120) n;
    create table old.tags (tag varchar(20), state old.kind, item integer, primary key (tag, state));
    insert into old.tags select 'tag ' || n, (array['open', 'closed'])[n % 2 + 1]::old.kind,
      case when n = 60 then 999 else n end from generate_series(1, 60) n;
    create table old.more_tags (like old.tags including all);
    insert into old.more_tags select * from old.tags where tag < 'tag 3';
    create function public.is_wanted(n integer) returns boolean language plpgsql as
      $f$ begin return n is not null; end $f$;
    """

  /// Triggers and a domain call what only the database's own path leads to.
  private static let targetSQL = """
    create schema $role;
    create schema shop;
    create type shop.kind as enum ('open', 'closed');
    create type shop.pair as (one integer, two varchar(20));
    create function public.longest() returns integer language plpgsql as
      $f$ begin return 40; end $f$;
    create function shop.is_short(v varchar) returns boolean language plpgsql as $f$
      begin return pg_catalog.length(v::pg_catalog.text) OPERATOR(pg_catalog.<=) public.longest(); end $f$;
    create domain shop.short as varchar(40) check (shop.is_short(value));
    create table shop.notes (what text, code text);
    create function shop.note() returns trigger language plpgsql as $f$ begin
      insert into notes values (TG_OP, new.code); return new; end $f$;
    create function shop.note_gone() returns trigger language plpgsql as $f$ begin
      insert into notes values (TG_OP, old.code); return old; end $f$;
    create function shop.note_tag() returns trigger language plpgsql as $f$ begin
      insert into notes values ('TAG', new.tag); return null; end $f$;
    """

  /// What waits for the tables, which the schema file makes.
  private static let triggers = """
    create trigger note before insert on shop.items for each row execute function shop.note();
    create trigger note_gone before delete on shop.items for each row execute function shop.note_gone();
    create constraint trigger note_tag after insert on shop.tags deferrable initially deferred
      for each row execute function shop.note_tag();
    insert into shop.items (code, id, name) values ('before', 1000, 'before');
    """

  private static let tables = """
    CREATE TABLE items (code varchar(20) PRIMARY KEY, id integer UNIQUE, name shop.short NOT NULL UNIQUE,
      state shop.kind, amount numeric(9,2), at timestamptz, open boolean,
      ref integer REFERENCES items (id), number integer, took interval, size shop.pair,
      kinds shop.kind[]);
    CREATE INDEX items_number ON items (number);
    CREATE TABLE tags (tag varchar(20), state shop.kind, item integer REFERENCES items (id),
      PRIMARY KEY (tag, state, item));
    """

  private static let plan = """
    {
      name: "shop", source: { kind: "postgres", schema: "old" }, target: { schema: "shop" },
      limits: { warnAt: "80%", stopAt: "90%" },
      tables: {
        items: { from: "items", key: "code", where: "is_wanted(number)", unique: [["name"]],
          sameColumns: ["code", "id", "state", "amount", "at", "open", "number", "took", "size", "kinds"],
          columns: {
            name: { from: "name", required: true },
            ref: { reference: "items", by: { id: "ref" }, result: "id", orphan: "quarantine" } } },
        tags: { merge: "union", feeds: [\(tags("tags")), \(tags("more_tags"))] },
      },
      rules: {
        "amounts": { group: "sums", table: "items", severity: "high",
          that: "amount >= 0::numeric", message: "an amount is negative" },
        "tags": { group: "sums", table: "tags", severity: "high",
          that: "tag IS NOT NULL", message: "a tag has no name" },
      },
      queries: { "all": { sql: "SELECT FROM items", limit: 1000 } },
    }
    """

  private static func tags(_ source: String) -> String {
    """
    { from: "\(source)", key: ["tag", "state"], sameColumns: ["tag", "state"], columns: {
      item: { reference: "items", by: { id: "item" }, result: "id", orphan: "quarantine" } } }
    """
  }
}
