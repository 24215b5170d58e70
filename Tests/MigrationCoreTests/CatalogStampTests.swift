import MigrationPlan
import Postgres
import TestSupport
import Testing

/// What a table's definition was, as a short text that is compared later.
@Suite struct CatalogStampTests {
  private let database: TemporaryDatabase
  private let connection: Connection

  init() throws {
    database = try TemporaryDatabase("stamp")
    connection = try connect(database)
    try psql(
      database.url,
      """
      create type mood as enum ('sad', 'ok');
      create domain short as text check (length(value) < 10);
      create table parent (id int primary key);
      create table t (id serial primary key, a text not null default 'x', b mood, c short, moods mood[],
        parent int references parent, unique (a));
      create index t_b on t (b);
      create sequence loose;
      """)
  }

  private func stamp(_ name: String = "t") throws -> String? {
    let table = QualifiedName(schema: "public", name: name)
    return try connection.query("SELECT " + CatalogStamp.expression(table)).text(0, 0)
  }

  @Test(arguments: [
    "alter table t add column d int", "alter table t drop column b",
    "alter table t alter a type varchar(7)", "alter table t alter a drop not null",
    "alter table t alter a set default 'y'", "alter table t alter b set default 'ok'",
    "alter table t drop constraint t_parent_fkey", "alter table t add check (id > 0)",
    "create unique index on t (c)", "drop index t_b", "alter table t rename a to z",
    "create rule r as on insert to t do also nothing",
    "create policy p on t", "alter table t enable row level security",
    "alter type mood add value 'happy'", "alter domain short set not null",
    "alter sequence loose owned by t.parent", "create table heir () inherits (t)", "truncate t",
  ]) func changesWithTheDefinition(_ change: String) throws {
    let before = try #require(try stamp())
    try psql(database.url, change)
    #expect(try stamp() != before)
  }

  @Test(arguments: [
    "insert into t (a) values ('one'); analyze t", "insert into t (a) values ('two'); vacuum t",
    "select nextval('t_id_seq')", "create table other (id int)",
    "alter table parent add column x int",
  ]) func staysWithTheRows(_ change: String) throws {
    let before = try #require(try stamp())
    for statement in change.split(separator: ";") { try psql(database.url, String(statement)) }
    #expect(try stamp() == before)
  }

  @Test func thereIsNoneWithoutATable() throws { #expect(try stamp("missing") == nil) }
}
