import Foundation
import Postgres
import TestSupport
import Testing

@testable import MigrationPlan
@testable import MigrationRows

/// Rows out of a real server, through the machine, and into it again.
@Suite struct TransformServerTests {
  let database: TemporaryDatabase

  init() throws { database = try TemporaryDatabase("transform") }

  /// Describes a live table, as far as these tests need it.
  private func table(_ name: String) throws -> PostgresTable {
    let rows = try psql(
      database.url,
      """
      select a.attname, a.atttypid, format_type(a.atttypid, a.atttypmod),
        case t.typtype when 'd' then t.typtypmod else a.atttypmod end,
        case t.typtype when 'd' then t.typbasetype else t.oid end,
        case when t.typcategory = 'A' then t.typelem else 0 end,
        coalesce((select string_agg(enumlabel, ',' order by enumsortorder)
          from pg_enum where enumtypid = t.oid), ''), a.attnotnull
      from pg_attribute a join pg_type t on t.oid = a.atttypid
      where attrelid = '\(name)'::regclass and attnum > 0 and not attisdropped order by attnum
      """)
    let columns = try rows.split(separator: "\n").map { line in
      let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      let element = try #require(UInt32(parts[5]))
      return PostgresColumn(
        name: parts[0],
        type: PostgresType(
          oid: try #require(UInt32(parts[1])), name: parts[2],
          modifier: try #require(Int32(parts[3])), baseOID: UInt32(parts[4]),
          elementOID: element == 0 ? nil : element,
          labels: parts[6].split(separator: ",").map(String.init)), isNotNull: parts[7] == "t")
    }
    return PostgresTable(schema: "public", name: name, columns: columns, primaryKey: [])
  }

  func program(
    _ rules: [(String, Rule)], from source: String, into target: String, zone: String = "UTC"
  ) throws -> RowProgram {
    let feed = Feed(
      from: source, key: [],
      columns: rules.map { ColumnRule(column: $0.0, rule: $0.1, place: Bench.place) },
      place: Bench.place)
    let plan = TablePlan(
      name: target, command: target, phase: 1, feeds: [feed], place: Bench.place)
    return try RowProgram.compile(
      plan, feed: feed, feedNumber: 0, source: table(source), target: table(target),
      context: RunContext(runTime: Bench.runTime, hashKey: [], timeZone: zone))
  }

  /// Copies all rows of a table through a program; returns the reasons of the rejected ones.
  func copy(_ program: RowProgram, from source: String) throws -> [Reason] {
    let reader = try connect(database)
    let writer = try connect(database)
    let machine = RowMachine(program)
    let buffer = CopyBuffer()
    var rejects: [Reason] = []
    var sent: [[UInt8]] = []
    let columns = try SQL.identifiers(program.targetColumns)
    let input = try writer.copyIn(
      "copy \(SQL.identifier(program.table)) (\(columns)) from stdin (format binary)")
    buffer.appendBinaryHeader()
    let output = try reader.copyOut(
      "copy (select \(program.selectList) from \(source)) to stdout (format binary)")
    while try output.next({ row in
      if machine.run(row, into: buffer) == .rejected {
        return rejects.append(machine.reject.reason)
      }
      sent.append(Array(machine.hashedBytes(nil)))
    }) {}
    buffer.appendBinaryTrailer()
    try input.send(buffer)
    _ = try input.finish()
    try expectStored(sent, program, writer)
    return rejects
  }

  /// Fills `src(id, v)` with values of a type, copies it to `dst(id, c)`, and returns the reasons
  /// of rejected rows and the ids whose values are not what the server's own cast makes of them.
  func castsLikeTheServer(
    _ values: String, _ type: String, to target: String, zone: String = "UTC",
    compare: String = "v::target"
  ) throws -> (rejects: [Reason], differing: String) {
    try psql(
      database.url,
      """
      drop table if exists src, dst;
      create table src (id serial, v \(type));
      insert into src (v) \(values);
      create table dst (id int, c \(target));
      """)
    let program = try program(
      [("id", .source(["id"])), ("c", .source(["v"]))], from: "src", into: "dst", zone: zone)
    let rejects = try copy(program, from: "src")
    let cast = compare.replacing("target", with: target)
    let differing = try psql(
      database.url,
      """
      set timezone = '\(zone)';
      select string_agg(id || ': ' || coalesce(c::text, 'null') || ' for ' || v::text, ', ')
      from src join dst using (id) where (c)::text is distinct from (\(cast))::text
      """)
    return (rejects, differing)
  }

  @Test func everyTypeComesBackAsItWas() throws {
    try psql(
      database.url,
      """
      create extension if not exists citext;
      create type mood as enum ('sad', 'ok', 'happy');
      create domain positive as numeric(12,4) check (value > 0);
      create table src (
        id bigint, b bool, i2 int2, i4 int4, o oid, f4 real, f8 double precision, n numeric,
        m numeric(20,6), t text, vc varchar(80), bp char(9), nm name, ch "char", ci citext,
        md mood, po positive, u uuid, d date, ti time, ts timestamp, tz timestamptz(3), j json,
        jb jsonb, by bytea, ta text[], ia int[], na numeric[], ua uuid[], iv interval, net inet,
        r int4range, "Mixed ""Case" text, bits bit(5));
      create table dst (like src);
      insert into src select g, g % 2 = 0, g, g * 7919, g, g / 3.0::real, g / 7.0,
        g * 1234567.89012345 / 977, g / 64.0, 'žluťoučký ' || g, repeat('é', g % 80), 'x' || g,
        'name' || g, chr(65 + g % 26)::"char", 'CiText' || g,
        (array['sad', 'ok', 'happy'])[1 + g % 3]::mood, g, gen_random_uuid(),
        date '0001-01-01' + g * 1000, time '00:00' + g * interval '1.001 s',
        timestamp '1900-01-01' + g * interval '97.123456 hours',
        timestamptz '1950-06-01' + g * interval '31 days',
        ('{"a" : ' || g || ', "a":"\\u00e9"}')::json, jsonb_build_object('g', g, 'n', null),
        decode(md5(g::text), 'hex'), array['a"' || g, null, ''], array[[g, 2], [3, 4]],
        array[g / 8.0, null], array[gen_random_uuid()], g * interval '1 day 2.5 s',
        ('10.0.0.' || g % 256)::inet, int4range(g, g * 2), 'quoted', (g % 32)::bit(5)
      from generate_series(1, 400) g;
      insert into src (id) values (0);
      insert into src (id, n, f4, f8, d, ts, tz) values
        (-1, 'NaN', 'NaN', 'NaN', 'infinity', 'infinity', '-infinity'),
        (-2, 'Infinity', 'Infinity', '-Infinity', '-infinity', '-infinity', 'infinity'),
        (-3, -0.00000001, -0.0, 1e-300, '4713-11-24 BC', '4713-11-24 BC', '294276-12-31 23:59:59.999+00');
      """)
    let source = try table("src")
    let program = try program(
      source.columns.map { ($0.name, .source([$0.name])) }, from: "src", into: "dst")
    #expect(try copy(program, from: "src") == [])
    let sum = "select md5(string_agg(t::text, e'\\n' order by id)), count(*) from"
    #expect(
      try psql(database.url, "\(sum) src t") == psql(database.url, "\(sum) dst t"))
    #expect(try psql(database.url, "select count(*) from dst") == "404")
  }

  @Test(arguments: [
    ("select generate_series(-50, 50)", "int4", "numeric(6,2)"),
    ("select generate_series(-50, 50)", "int8", "text"),
    ("select generate_series(-50, 50)", "int2", "float8"),
    (
      "select (random() * 1e12 - 5e11)::numeric(20,4) from generate_series(1, 200)", "numeric",
      "text"
    ),
    ("select (random() * 1e6)::numeric(20,3) from generate_series(1, 200)", "numeric", "float8"),
    ("select trunc(random() * 1e9)::numeric(12,2) from generate_series(1, 200)", "numeric", "int4"),
    (
      "select (random() * 1e6)::numeric(20,4)::text from generate_series(1, 200)", "text",
      "numeric(12,4)"
    ),
    ("select (random() * 1e10)::int8::text from generate_series(1, 200)", "text", "int8"),
    ("select random() * 1e6 from generate_series(1, 200)", "float8", "jsonb"),
    ("select unnest(array['t', 'NO', 'on', '0', 'False', 'y'])", "text", "bool"),
    ("select gen_random_uuid()::text from generate_series(1, 50)", "varchar(36)", "uuid"),
    ("select gen_random_uuid() from generate_series(1, 50)", "uuid", "text"),
    ("select (date '0100-01-01' + g * 977)::text from generate_series(1, 500) g", "text", "date"),
    ("select date '0100-01-01' + g * 977 from generate_series(1, 500) g", "date", "timestamp"),
    (
      "select (timestamp '1920-01-01' + g * interval '97.123456 h')::text from generate_series(1, 500) g",
      "text", "timestamp"
    ),
    (
      "select (timestamptz '1920-01-01 UTC' + g * interval '97.123456 h')::text from generate_series(1, 500) g",
      "text", "timestamptz"
    ),
    (
      "select timestamp '1920-01-01' + g * interval '97 h' from generate_series(1, 500) g",
      "timestamp", "text"
    ),
    ("select time '00:00' + g * interval '17.5 s' from generate_series(1, 500) g", "time", "text"),
    (
      "select unnest(array['{\"a\": [1, 2.50, null, \"x\\u00e9\"]}', '[]', '-1.5e3', '\"q\"'])",
      "text", "jsonb"
    ),
    ("select jsonb_build_object('g', g) from generate_series(1, 20) g", "jsonb", "json"),
    ("select decode(md5(g::text), 'hex') from generate_series(1, 20) g", "bytea", "text"),
    ("select array[g::text, null] from generate_series(1, 20) g", "text[]", "int[]"),
    ("select array[[g, 1], [2, 3]] from generate_series(1, 20) g", "int[]", "jsonb"),
  ])
  func conversionsAgreeWithTheServer(_ values: String, _ type: String, _ target: String) throws {
    let compare = target == "jsonb" && type != "text" ? "to_jsonb(v)" : "v::target"
    let (rejects, differing) = try castsLikeTheServer(values, type, to: target, compare: compare)
    #expect(rejects == [])
    #expect(differing == "")
  }

  @Test(arguments: ["Europe/Prague", "America/New_York", "Asia/Kolkata"])
  func zonesAgreeWithTheServer(_ zone: String) throws {
    let hours = "from generate_series(0, 24 * 730) g"
    let (rejects, differing) = try castsLikeTheServer(
      "select timestamptz '2023-01-01 UTC' + g * interval '1 h' \(hours)", "timestamptz",
      to: "timestamp", zone: zone)
    #expect(rejects == [])
    #expect(differing == "")
    // The hour that comes twice is the server's second and our first; all others agree.
    let back = try castsLikeTheServer(
      "select timestamp '2023-01-01' + g * interval '1 h' \(hours)", "timestamp",
      to: "timestamptz", zone: zone)
    #expect(back.rejects == [])
    #expect(back.differing.split(separator: ", ").count == (zone == "Asia/Kolkata" ? 0 : 2))
    let future = try castsLikeTheServer(
      "select timestamptz '1890-01-01 UTC' + g * interval '53 days' from generate_series(0, 2000) g",
      "timestamptz", to: "timestamp", zone: zone)
    #expect(future.differing == "")
  }

  @Test func whatTheServerWouldRefuseIsRefusedBefore() throws {
    let values = "values ('ok'), ('toolong'), (null), ('žluť'), ('žluťo')"
    let (rejects, differing) = try castsLikeTheServer(values, "text", to: "varchar(4)")
    #expect(rejects == [.tooLong, .tooLong])
    #expect(differing == "")
  }

  @Test func objectsAndIdsAreThoseThatSQLMakes() throws {
    try psql(
      database.url,
      """
      create extension if not exists "uuid-ossp";
      create table src (id int, a text, n numeric(12,2), f float8, j json, b bool, t timestamptz,
        ta text[], by bytea);
      insert into src select g, case g % 3 when 0 then null else e'q"\\\\ \\t\\n' || chr(g) || 'ž' end,
        g / 8.0, g / 3.0, '{"k": [1, "x"]}', g % 2 = 0, '2024-01-01 UTC', array['x', null, '"'],
        '\\x00ff'
      from generate_series(1, 300) g;
      create table dst (id uuid, old int, o jsonb);
      """)
    let members = ["a", "n", "f", "j", "b", "ta", "by"]
    let program = try program(
      [
        ("id", .identity(entity: "things", .source(["id"]))), ("old", .source(["id"])),
        (
          "o",
          .object([
            ("inner", .object(members.map { ($0, .source([$0])) })), ("t", .source(["t"])),
          ])
        ),
      ], from: "src", into: "dst")
    #expect(try copy(program, from: "src") == [])
    let differing = try psql(
      database.url,
      """
      select count(*) from src full join dst on old = src.id where
        dst.id is distinct from
          uuid_generate_v5(uuid_generate_v5(uuid_ns_url(), 'migrate:things'), src.id::text)
        or o is distinct from jsonb_build_object('inner', jsonb_build_object('a', a, 'n', n, 'f', f,
          'j', j, 'b', b, 'ta', ta, 'by', by), 't', '2024-01-01T00:00:00Z')
      """)
    #expect(differing == "0")
    #expect(try psql(database.url, "select count(*) from dst") == "300")
  }

  @Test func namesAreQuotedAndOtherTypesReadAsText() throws {
    try psql(
      database.url,
      """
      create table src (id int, "sel""ect" text, iv interval, p point, m money);
      insert into src values (1, 'x', '1 day', '(1,2)', '5');
      create table dst ("Or.der" int, a text, b text, c jsonb, d text);
      """)
    let program = try program(
      [
        ("Or.der", .source(["id"])), ("a", .source(["sel\"ect"])), ("b", .source(["iv"])),
        ("c", .object([("p", .source(["p"]))])), ("d", .source(["m"])),
      ], from: "src", into: "dst")
    #expect(try copy(program, from: "src") == [])
    #expect(
      try psql(database.url, "select * from dst") == #"1|x|1 day|{"p": "(1,2)"}|$5.00"#)
  }
}
