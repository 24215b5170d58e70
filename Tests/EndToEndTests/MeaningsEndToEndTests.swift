import Foundation
import MigrationCore
import TestSupport
import Testing

/// Values whose text or bytes mean something else in the target, or nothing.
@Suite struct MeaningsEndToEndTests {
  /// Numbers of large objects without the objects: the bytes would be lost.
  @Test func largeObjectsAreNotLeftBehindInSilence() throws {
    let fixture = try TablesFixture(
      tables: #"{ docs: { from: "docs", key: "id", sameColumns: ["id", "body", "plain"] } }"#,
      sourceSQL: """
        create domain lo as oid; create table docs (id integer primary key, body lo, plain oid);
        insert into docs values (1, lo_from_bytea(987654, '\\xdeadbeef'), 7), (2, null, 8);
        """,
      targetSQL: """
        create domain lo as oid; create table docs (id integer primary key, body lo, plain oid);
        """)
    let check = try fixture.migrate.json("plan check")
    #expect(check.exitCode == 4)
    #expect(check.document["errors"] == 1, "\(check.document.pretty)")
    #expect(
      check.document.compact.contains("docs.body holds ids of large objects"),
      "\(check.document.pretty)")
    let ran = try fixture.migrate("run")
    #expect(ran.exitCode == 1)
    #expect(ran.errors.contains("987654"), "\(ran.errors)")
    #expect(try fixture.query("select count(*) from docs") == "0")
    try psql(fixture.target.url, "select lo_from_bytea(987654, '\\xdeadbeef')")
    let again = try fixture.migrate.json("plan check")
    #expect(again.exitCode == 0)
    #expect(again.document["warnings"] == 1, "\(again.document.pretty)")
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(
      try fixture.query("select encode(lo_get(body), 'hex') from docs where id = 1") == "deadbeef")
  }

  /// The same numbers inside of arrays, domains and composites.
  @Test(arguments: ["list", "lobs", "paper", "papers"])
  func largeObjectsAreFoundInside(of column: String) throws {
    let types = """
      create domain lo as oid; create type paper as (title text, body lo, number integer);
      create table docs (id integer primary key, list oid[], lobs lo[], paper paper, papers paper[]);
      """
    let fixture = try TablesFixture(
      tables:
        #"{ docs: { from: "docs", key: "id", sameColumns: ["id", "\#(column)"], ignore: ["list", "lobs", "paper", "papers"] } }"#,
      sourceSQL: """
        \(types)
        insert into docs (id, \(column)) select 1, v from (select
          array[7, lo_from_bytea(987654, '\\xdeadbeef')] list, array[987654]::lo[] lobs,
          row('a', 987654, 1)::paper paper, array[null, row('a', 987654, 1)]::paper[] papers) o(list, lobs, paper, papers)
          cross join lateral (select o.\(column) as v) c;
        insert into docs values (2, '{8}', '{}', '(b,,987654)', '{"(c,8,)"}'), (3, null, null, null, null);
        """, targetSQL: types)
    let check = try fixture.migrate.json("plan check")
    #expect(check.exitCode == 4)
    #expect(
      check.document.compact.contains("docs.\(column) holds ids of large objects"),
      "\(check.document.pretty)")
    let ran = try fixture.migrate("run")
    #expect(ran.exitCode == 1)
    #expect(ran.errors.contains("987654"), "\(ran.errors)")
    // Another number in the same composite is none of a large object.
    try psql(fixture.source.url, "delete from docs where id = 1")
    #expect(try fixture.migrate("plan check").exitCode == 0)
    #expect(try fixture.migrate("run").exitCode == 0)
  }

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

  /// Inside of arrays and composites, too, what has no name any more is not taken for another object.
  @Test func numbersOfObjectsInsideOfOthersAreRefused() throws {
    let types = """
      create schema app; create table app.foo (x integer); create type named as (n integer, r regclass, l regtype[]);
      create table a (id integer primary key, list regclass[], grid regclass[], c named, r regrole);
      """
    let fixture = try TablesFixture(
      tables: #"{ a: { from: "a", key: "id", sameColumns: ["id", "list", "grid", "c", "r"] } }"#,
      sourceSQL: """
        \(types) create table gone (x integer);
        insert into a values (1, '{pg_class,app.foo,-}', '[0:1][1:2]={{app.foo,-},{-,pg_type}}',
          '(77777,app.foo,"{integer,app.foo}")', 'pg_monitor'), (2, '{}', null, '(,,)', '-');
        """,
      targetSQL: "create table filler (x integer); \(types)")
    #expect(try fixture.migrate("plan check").exitCode == 0)
    for change in [
      "insert into a (id, list) values (3, '{app.foo,gone}')",
      "insert into a (id, grid) values (3, '{{app.foo},{gone}}')",
      "insert into a (id, c) values (3, '(1,gone,)')",
      "insert into a (id, c) values (3, '(1,,{gone})')",
    ] {
      try psql(
        fixture.source.url,
        "create table if not exists gone (x integer); \(change); drop table gone")
      let check = try fixture.migrate("plan check")
      #expect(check.exitCode == 4, "\(change): \(check.output)")
      #expect(check.output.contains("not in the source any more"), "\(change): \(check.output)")
      #expect(try fixture.migrate("run").exitCode == 1)
      try psql(fixture.source.url, "delete from a where id = 3")
    }
    // A column that is such a value itself is judged row by row.
    try psql(fixture.source.url, "insert into a (id, r) values (4, 4000000::oid::regrole)")
    let ran = try fixture.migrate("run")
    #expect(ran.exitCode == 5, "\(ran.errors)")
    #expect(try fixture.query("select key from migrate.quarantine") == #"{"id": 4}"#)
    let rows = "select * from a where id <> 4 order by id"
    #expect(try fixture.query(rows) == (try psql(fixture.source.url, rows)))
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

  @Test func compositeTypesWithOtherFieldsAreRefused() throws {
    func fixture(_ source: String, _ target: String) throws -> TablesFixture {
      let table = "create table a (id integer primary key, c pair, d pair[], e outside);"
      let outside = "create type outside as (n integer, p pair);"
      return try TablesFixture(
        tables: #"{ a: { from: "a", key: "id", sameColumns: ["id", "c", "d", "e"] } }"#,
        sourceSQL: """
          create type pair as (\(source)); \(outside) \(table)
          insert into a values (1, '(1,2)', '{"(1,2)"}', '(7,"(1,2)")');
          """, targetSQL: "create type pair as (\(target)); \(outside) \(table)")
    }
    for target in ["y integer, x integer", "x integer, y smallint", "x integer, z integer"] {
      let fixture = try fixture("x integer, y integer", target)
      let check = try fixture.migrate.json("plan check")
      #expect(check.exitCode == 4)
      #expect(check.document["errors"] == 3, "\(target): \(check.document.pretty)")
      #expect(try fixture.migrate("run").exitCode == 1)
    }
    let equal = try fixture("x integer, y numeric(5,2)", "x integer, y numeric(5,2)")
    #expect(try equal.migrate("plan check").exitCode == 0)
    #expect(try equal.migrate("run").exitCode == 0)
    #expect(try equal.query("select (c).y, (d[1]).y, (e).p.y from a") == "2.00|2.00|2.00")
  }
}
