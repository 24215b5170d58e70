import Foundation
import MigrationCore
import Postgres
import TestSupport
import Testing

/// Tables with types that have no binary form here: they go by COPY in text, and nothing is lost.
@Suite struct RunTextCopyTests {
  /// Types of all kinds. The last one is filled from text, which makes the whole table text.
  private static let types: KeyValuePairs = [
    "id": "integer primary key", "small": "smallint", "amount": "numeric(12,4)", "f4": "real",
    "f8": "double precision", "flag": "boolean", "note": "text", "code": "varchar(8)",
    "pad": "char(5)", "ident": "uuid", "day": "date", "clock": "time", "moment": "timestamp",
    "instant": "timestamptz", "doc": "jsonb", "plain": "json", "blob": "bytea",
    "tags": "text[]", "grid": "numeric[]", "blobs": "bytea[]", "times": "timestamptz[]",
    "span": "interval", "price": "money", "period": "tstzrange", "spot": "point", "area": "polygon",
    "words": "tsvector", "bits": "bit(3)", "mac": "macaddr", "nets": "inet[]", "pair": "pair",
    "pairs": "pair[]", "attributes": "hstore", "lsn": "pg_lsn", "mood": "mood", "net": "inet",
    "moods": "mood[]",
  ]

  private static let prelude =
    "create extension hstore; create type mood as enum ('gut', 'so la la');"
    + "create type pair as (name text, span interval);"

  private static func columns(changing: [String: String] = [:]) -> String {
    types.map { "\($0) \(changing[$0] ?? $1)" }.joined(separator: ", ")
  }

  private func fixture(_ rows: String, constraints: String = "") throws -> RunFixture {
    let names = Self.types.map(\.key).map { "\($0): \"\($0)\"" }.joined(separator: ", ")
    let plan = """
      {
        name: "things", source: { kind: "postgres" }, limits: { warnAt: "100%", stopAt: "100%" },
        tables: { things: { from: "old_things", key: "id", columns: { \(names) } } },
      }
      """
    return try RunFixture(
      plan: PlanReader.read(bytes: Array(plan.utf8)),
      sourceSQL: Self.prelude
        + "create table old_things (\(Self.columns(changing: ["net": "text"]))); \(rows)",
      targetSQL: Self.prelude + "create table things (\(Self.columns())); \(constraints)")
  }

  private func checksum(_ database: TemporaryDatabase, _ table: String) throws -> String {
    try psql(
      database.url,
      """
      set lc_monetary = 'C'; set timezone = 'UTC';
      select count(*) || md5(string_agg(t::text, E'\\n' order by id)) from (
        select \(Self.types.map { $0.key == "net" ? "net::text::inet" : $0.key }
          .joined(separator: ", ")) from \(table)) t
      """)
  }

  /// Values that are awkward in text, and ordinary ones.
  private static let rows = """
    insert into old_things select n, n % 100, n / 7.0, n / 3.0::real, n / 3.0::float8, n % 2 = 0,
      'tab' || chr(9) || 'line' || chr(10) || 'return' || chr(13) || 'back\\slash \\N \\. ' || n,
      'c' || n, 'ab', md5(n::text)::uuid, date '2024-02-29' - n * 400, time '23:59:59.999999',
      timestamp '2024-01-01 00:00:00.000001' - n * interval '100 days', now() - n * interval '1 day',
      jsonb_build_object('a"\\b', n, 'x', null), '{"k" :  1}', decode('00ff5c090a', 'hex'),
      array['a', null, '', 'NULL', 'q"uo\\te', '{br,ace}', chr(9)],
      array[[n, 1.50], [null, 'NaN'::numeric]], array['\\x5c22'::bytea], array[now(), 'infinity'],
      n * interval '1 mon 2 days 03:04:05.678', n * 1.01::numeric::money,
      tstzrange(now() - n * interval '1 hour', now(), '[]'), point(n / 3.0, -n),
      '((0,0),(1.5,2),(3,0.1))', to_tsvector('simple', 'it''s the row ' || n), b'101',
      '08:00:2b:01:02:03', array['10.0.0.' || n % 250, null]::inet[],
      row('a,"b"\\' || chr(10), n * interval '1 hour')::pair, array[row(null, null)::pair],
      hstore('k=>"', 'v' || chr(9)), '16/B374D848', 'so la la', '10.1.' || n % 250 || '.0/24',
      array['gut', null, 'so la la']::mood[]
    from generate_series(1, 500) n;
    insert into old_things (id) values (501);
    insert into old_things (id, note, code, f8, f4, day, moment, instant, amount, tags, grid, span)
      values (502, '', '\\N', 'NaN', '-Infinity', 'infinity', '-infinity', '0044-03-15 BC',
        'NaN', '{}', '[0:1][-1:0]={{1,2},{3,4}}', '-1 year -2 mons +3 days -04:05:06');
    """

  @Test func everyTypeArrivesAsItWas() throws {
    let fixture = try fixture(Self.rows)
    let outcome = try fixture.run { $0.tuning.batchSize = 100 }
    #expect(outcome.ending == .completed)
    #expect(outcome.openRows == 0)
    #expect(
      try checksum(fixture.target, "things") == checksum(fixture.source, "old_things"))
    #expect(try fixture.count("things", where: "note = '' and code = '\\N'") == 1)
    // What only the server reads is in the fingerprints too.
    #expect(try fixture.expectFingerprintsHold().findings.isEmpty)
    for (column, value) in [("net", "10.9.9.0/24"), ("span", "1 sec"), ("attributes", "a=>1")] {
      let before = try psql(fixture.target.url, "select \(column) from things where id = 9")
      try psql(fixture.target.url, "update things set \(column) = '\(value)' where id = 9")
      #expect(try fixture.fingerprints().status == .fail, "\(column)")
      try psql(
        fixture.target.url, "update things set \(column) = $v$\(before)$v$ where id = 9")
      #expect(try fixture.fingerprints().status == .pass, "\(column)")
    }
  }

  @Test func aTextThatTheTypeRefusesCostsItsRowAlone() throws {
    let fixture = try fixture(
      Self.rows + "update old_things set net = 'no net ' || id where id in (7, 8, 333);")
    let outcome = try fixture.run { $0.tuning.batchSize = 100 }
    #expect(outcome.openRows == 3)
    #expect(try fixture.count("things") == 499)
    try fixture.expectFingerprintsHold()
    let kept = try psql(
      fixture.target.url,
      """
      select string_agg((key->>'id') || code || reason || (row->>'net'), ' ' order by (key->>'id')::int)
      from migrate.quarantine
      """)
    #expect(
      kept
        == "7ERR_003sqlstate22P02no net 7 8ERR_003sqlstate22P02no net 8 "
        + "333ERR_003sqlstate22P02no net 333")
    #expect(try psql(fixture.target.url, "select count(distinct xmin::text) from things") == "6")
  }

  @Test func manyRefusalsAreTriedByTheServer() throws {
    let fixture = try fixture(
      Self.rows + "update old_things set net = 'x' where id % 3 = 0;",
      constraints: "alter table things add check (small <> 50);")
    let outcome = try fixture.run { $0.tuning.batchSize = 1000 }
    let bad = (1...500).filter { $0 % 3 == 0 || $0 % 100 == 50 }
    // Row 501, of nulls, and 502 pass the check.
    #expect(outcome.openRows == bad.count + (501 % 3 == 0 ? 1 : 0))
    #expect(try fixture.count("things") + outcome.openRows == 502)
    let good = try psql(
      fixture.source.url,
      """
      delete from old_things where id % 3 = 0 or small = 50;
      """)
    #expect(good.isEmpty)
    #expect(try checksum(fixture.target, "things") == checksum(fixture.source, "old_things"))
  }

  @Test func valuesThatAreEqualInOtherWordsAreForTheServerToFind() throws {
    let fixture = try fixture(
      Self.rows + "update old_things set net = '10.9.9.9' where id = 20;"
        + "update old_things set net = '10.9.9.9/32' where id in (10, 400);"
        + "update old_things set net = host('10.2.0.0'::inet + id) where id not in (10, 20, 400);",
      constraints: "alter table things add unique (net);")
    let outcome = try fixture.run {
      $0.tuning.batchSize = 100; $0.tuning.lanes = 3
    }
    #expect(outcome.openRows == 2)
    #expect(try fixture.count("things", where: "net = '10.9.9.9' and id = 10") == 1)
    #expect(
      try fixture.count("migrate.quarantine", where: "code = 'ERR_005' and reason = 'duplicate'")
        == 2)
    #expect(
      try psql(
        fixture.target.url,
        "select count(*) from pg_constraint where conrelid = 'things'::regclass and contype = 'u'")
        == "1")
  }

  @Test func aRetryLoadsWhatWasMended() throws {
    let fixture = try fixture(Self.rows + "update old_things set net = 'x' where id in (5, 6);")
    #expect(try fixture.run().openRows == 2)
    try psql(fixture.source.url, "update old_things set net = '::1' where id = 5")
    let outcome = try #require(try QuarantineRetry.run(fixture.request()).first)
    #expect(outcome.loaded == 1)
    #expect(outcome.failed == 1)
    try fixture.expectFingerprintsHold()
    #expect(try fixture.count("things", where: "net = '::1' and id = 5") == 1)
  }
}
