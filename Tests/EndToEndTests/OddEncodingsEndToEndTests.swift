import Foundation
import MigrationCore
import TestSupport
import Testing

/// Characters that one side can't hold cost their own rows, and never the run.
@Suite(.serialized) struct OddEncodingsEndToEndTests: OddValues {
  @Test func textsThatAreNotUTF8AreSetAside() throws {
    let (source, target) = (try EncodedDatabase("SQL_ASCII"), try TemporaryDatabase("asciigoal"))
    try psql(
      source.url,
      """
      create table t (id int primary key, v text, c varchar(20), j json);
      insert into t select n, case when n % 4 = 0 then E'caf\\xe9' || n else 'žluť ' || n end,
        'c' || n, '{"a": 1}' from generate_series(1, 800) n;
      create table k (code text primary key, n int);
      insert into k select case when n % 2 = 0 then E'\\xff\\xfe' || n else 'k' || n end, n
        from generate_series(1, 1500) n;
      """)
    try psql(
      target.url,
      """
      create table t (id int primary key, v text, c varchar(20), j json);
      create table k (code text primary key, n int);
      """)
    let migrate = try prepared(
      plan(table("t", ["id", "v", "c", "j"]) + ", " + table("k", ["code", "n"])),
      source: source.url, target: target.url)
    let profile = try migrate.json("plan profile")
    #expect(profile.exitCode == 4)
    #expect(items(profile.document["sources"]).count == 2)
    #expect(profile.document.compact.contains("badUTF8"))
    #expect(try migrate("plan explain t --key 4").exitCode == 0)
    let run = try migrate("run --all")
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(
      try psql(target.url, "select count(*), max(v) from t where id % 4 <> 0") == "600|žluť 99")
    #expect(try psql(target.url, "select count(*) from k") == "750")
    #expect(
      try psql(
        target.url, "select reason, count(*) from migrate.quarantine group by reason")
        == "badUTF8|950")
    let validation = try migrate.json("validate --all --samples all")
    #expect(validation.exitCode == 0, "\(validation.document.compact)")
    let retried = try migrate("retry")
    #expect(retried.exitCode == 5)
    #expect(!retried.output.contains("no longer in the source"), "\(retried.output)")
  }

  /// Characters of a source that UTF-8 does not have: the row is quarantined with its key and its bytes.
  @Test(arguments: [("WIN1252", "81", "80", "€"), ("EUC_JP", "f5a1", "b0a1", "亜")])
  func charactersThatUTF8DoesNotHaveAreSetAside(
    _ encoding: String, _ badBytes: String, _ goodBytes: String, _ character: String
  ) throws {
    let rows = 1200
    let (source, target) = (try EncodedDatabase(encoding), try TemporaryDatabase("encodedgoal"))
    let (bad, good) = (
      "convert_from('\\x\(badBytes)', '\(encoding)')",
      "convert_from('\\x\(goodBytes)', '\(encoding)')"
    )
    try psql(
      source.url,
      """
      create table t (id int primary key, v text, j jsonb, a text[], unused text);
      insert into t select n, case when n % 4 = 0 then \(bad) || n else \(good) || n end,
        case when n % 10 = 1 then to_jsonb(\(bad)) else '{"a": 1}' end,
        case when n % 10 = 3 then array['x', \(bad)] else array[\(good)] end, \(bad)
        from generate_series(1, \(rows)) n;
      create table k (code text primary key, n int);
      insert into k select case when n % 2 = 0 then \(bad) || n else \(good) || n end, n
        from generate_series(1, 1500) n;
      create table nokey (v text);
      insert into nokey select case when n % 5 = 0 then \(bad) else 'v' || n end
        from generate_series(1, 100) n;
      """)
    try psql(
      target.url,
      """
      create table t (id int primary key, v text, j jsonb, a text[]);
      create table k (code text primary key, n int); create table nokey (v text);
      """)
    let migrate = try prepared(
      plan(
        """
        t: { from: "t", key: "id", ignore: ["unused"],
          columns: { id: "id", v: "v", j: "j", a: "a" } },
        \(table("k", ["code", "n"])), nokey: { from: "nokey", key: [], columns: { v: "v" } }
        """),
      source: source.url, target: target.url)
    let run = try migrate.json("run --all")
    #expect(run.exitCode == 5, "\(run.document.compact)")
    let isBad = "(n % 4 = 0 or n % 10 in (1, 3))"
    let bads = try number(
      target, "select count(*) from generate_series(1, \(rows)) n where \(isBad)")
    #expect(try psql(target.url, "select count(*) from t") == "\(rows - bads)")
    #expect(
      try psql(target.url, "select bool_and(v = '\(character)' || id) from t") == "t")
    #expect(
      try psql(
        target.url,
        """
        select count(*), count(distinct key) from migrate.quarantine
        where key ? 'id' and (key->>'id')::int in (
          select n from generate_series(1, \(rows)) n where \(isBad))
        """) == "\(bads)|\(bads)")
    #expect(
      try psql(
        target.url,
        "select reason, row->'v' ? '$binary' from migrate.quarantine where key->>'id' = '4'")
        == "badUTF8|t")
    #expect(
      try psql(
        target.url, "select row->'j' ? '$binary' from migrate.quarantine where key->>'id' = '1'")
        == "t")
    #expect(try psql(target.url, "select count(*) from k") == "750")
    #expect(try psql(target.url, "select count(*) from nokey") == "80")
    #expect(try psql(target.url, "select count(*) from migrate.quarantine") == "\(bads + 750 + 20)")
    for samples in ["", " --samples all"] {
      let validation = try migrate.json("validate --all" + samples)
      #expect(validation.exitCode == 0, "\(validation.document.compact)")
    }
    let retried = try migrate("retry")
    #expect(retried.exitCode == 5)
    #expect(!retried.output.contains("no longer in the source"), "\(retried.output)")
    try psql(source.url, "update t set v = 'mended' where id = 4")
    #expect(try migrate("retry").exitCode == 5)
    #expect(try psql(target.url, "select v from t where id = 4") == "mended")
    #expect(try migrate("validate --all --samples all").exitCode == 0)
    #expect(try migrate("trace --table t --key 8").exitCode == 0)
    #expect(try migrate("plan explain t --key 8").exitCode == 0)
    let profile = try migrate.json("plan profile")
    #expect(profile.exitCode == 4)
    #expect(profile.document.compact.contains("badUTF8"))
  }

  @Test func everyCharacterOfLATIN1IsRead() throws {
    let (source, target) = (try EncodedDatabase("LATIN1"), try TemporaryDatabase("latingoal"))
    try psql(
      source.url,
      """
      create table t (id int primary key, v text, c char(4), a text[], j json);
      insert into t select n, c, c, array[c], to_json(c) from (
        select n, convert_from(set_byte('\\x00', 0, n), 'LATIN1') as c
        from generate_series(1, 255) n) t;
      """)
    try psql(
      target.url, "create table t (id int primary key, v text, c char(4), a text[], j json)")
    let migrate = try prepared(
      plan(table("t", ["id", "v", "c", "a", "j"])), source: source.url, target: target.url)
    #expect(try migrate("run --all").exitCode == 0)
    #expect(
      try psql(
        target.url,
        """
        select count(*) from t where v = chr(id) and (id = 32 or c = chr(id))
          and a = array[chr(id)] and to_jsonb(chr(id)) = j::jsonb
        """)
        == "255")
    #expect(try migrate("validate --all --samples all").exitCode == 0)
    #expect(try migrate("plan profile").exitCode == 0)
  }

  @Test func charactersThatTheTargetDoesNotHaveAreSetAside() throws {
    let (source, target) = (try TemporaryDatabase("utf8"), try EncodedDatabase("LATIN1"))
    try psql(
      source.url,
      """
      create table t (id int primary key, v text, iv interval);
      insert into t select n, case when n % 4 = 0 then '€ ' || n else 'é ' || n end, '1 day'
        from generate_series(1, 800) n;
      create table k (code text primary key, n int);
      insert into k select case when n % 2 = 0 then '€' || n else 'é' || n end, n
        from generate_series(1, 1500) n;
      """)
    try psql(
      target.url,
      """
      create table t (id int primary key, v text, iv interval);
      create table k (code text primary key, n int);
      """)
    let migrate = try prepared(
      plan(table("t", ["id", "v", "iv"]) + ", " + table("k", ["code", "n"])),
      source: source.url, target: target.url)
    let run = try migrate("run --all")
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(
      try psql(target.url, "select count(*), bool_and(v = chr(233) || ' ' || id) from t")
        == "600|t")
    #expect(try psql(target.url, "select count(*) from k") == "750")
    #expect(
      try psql(
        target.url, "select reason, count(*) from migrate.quarantine group by reason")
        == "sqlstate22P05|950")
    #expect(
      try psql(
        target.url, "select row->'v'->>'$text' from migrate.quarantine where key->>'id' = '4'")
        == "\\xE2\\x82\\xAC 4")
    let validation = try migrate.json("validate --all --samples all")
    #expect(validation.exitCode == 0, "\(validation.document.compact)")
    #expect(try migrate("retry").exitCode == 5)
    #expect(try migrate("trace --table t --key 4").exitCode == 0)
  }
}
