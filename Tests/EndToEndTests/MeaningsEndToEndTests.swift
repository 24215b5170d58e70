import Foundation
import MigrationCore
import TestSupport
import Testing

/// Values whose text or bytes mean something else in the target, or nothing.
@Suite struct MeaningsEndToEndTests {
  private static let objects = """
    create schema app; create table app.foo (x integer); create function app.f(integer) returns integer
      language sql immutable as 'select 1';
    create type app.mood as enum ('a'); create text search configuration app.cfg (copy = simple);
    create collation app.coll from "C";
    create operator app.@@@ (leftarg = integer, rightarg = integer, function = int4pl);
    """

  private static let columns = """
    id integer primary key, class regclass, type regtype, proc regproc, procedure regprocedure,
      operator regoperator, oper regoper, config regconfig, coll regcollation, role regrole,
      classes regclass[]
    """

  /// The number of an object is another one in each database.
  @Test func namesOfObjectsTravelAndNotTheirNumbers() throws {
    let names =
      #""id", "class", "type", "proc", "procedure", "operator", "oper", "config", "coll", "role", "classes""#
    let fixture = try TablesFixture(
      tables: #"{ a: { from: "a", key: "id", sameColumns: [\#(names)] } }"#,
      sourceSQL: """
        \(Self.objects) create table a (\(Self.columns)); create table gone (x integer);
        insert into a values (1, 'app.foo', 'app.mood', 'app.f', 'app.f(integer)', 'app.@@@(integer,integer)',
          'app.@@@', 'app.cfg', 'app.coll', 'pg_monitor', '{pg_class,app.foo}'),
          (2, 'pg_class', 'integer[]', 'now', 'abs(bigint)', '+(integer,integer)', '0', 'simple', '"C"',
          'pg_monitor', '{}'), (3, null, null, null, null, null, null, null, null, null, null);
        insert into a (id, class) values (4, 'gone'), (5, '-');
        create table own (x integer); insert into a (id, class) values (6, 'own'); drop table gone;
        """,
      targetSQL: """
        create table filler1 (x integer); create table filler2 (x integer); \(Self.objects)
        create table own (x integer); create table a (\(Self.columns));
        """)
    let ran = try fixture.migrate("run")
    #expect(ran.exitCode == 5, "\(ran.errors)")
    let rows = "set search_path = ''; select * from public.a where id <> 4 order by id"
    #expect(try psql(fixture.target.url, rows) == (try psql(fixture.source.url, rows)))
    // Of a table that is not there any more nothing is left but its number.
    #expect(try fixture.query("select count(*) from a where id = 4") == "0")
    #expect(try fixture.migrate("validate --all").exitCode == 0)
  }

  private static let amount = """
    create type amount as (a numeric, b text); create function shown(amount) returns text language sql
      immutable as $$ select '(' || round($1.a) || ',' || $1.b || ')' $$;
    create cast (amount as text) with function shown(amount) as assignment;
    create table a (id integer primary key, c amount, t text);
    """

  /// A cast to text that users have made is for display.
  @Test func castsOfUsersAlterNothingAndHideNothing() throws {
    let fixture = try TablesFixture(
      tables:
        #"{ a: { from: "a", key: "id", columns: { id: "id", c: "c", t: "c" }, ignore: ["t"] } }"#,
      sourceSQL: """
        \(Self.amount) insert into a values (1, '(19.99,EUR)'), (2, null), (3, '(,)');
        """,
      targetSQL: Self.amount)
    let ran = try fixture.migrate("run")
    #expect(ran.exitCode == 0, "\(ran.errors)")
    #expect(
      try fixture.query("select (c).a, t, c is distinct from null from a order by id")
        == "19.99|(19.99,EUR)|t\n||f\n|(,)|t")
    let validated = try fixture.migrate("validate --all")
    #expect(validated.exitCode == 0, "\(validated.output)")
    try psql(fixture.target.url, "update a set c = '(20.01,EUR)' where id = 1")
    #expect(try fixture.migrate("validate --samples all").exitCode == 4)
    #expect(try fixture.migrate("validate --fingerprint").exitCode == 4)
  }
}
