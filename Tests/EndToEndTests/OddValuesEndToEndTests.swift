import Foundation
import MigrationCore
import TestSupport
import Testing

/// Values that one side can't hold cost their own rows, and never the run or the check of others.
@Suite(.serialized) struct OddValuesEndToEndTests: OddValues {
  // MARK: Domains

  /// - Parameter further: another column, whose type makes the table be sent as text.
  @Test(arguments: ["", "inet"]) func anyNumberOfRowsThatADomainRefusesIsSetAside(
    _ further: String
  ) throws {
    let (source, target) = (try TemporaryDatabase("domains"), try TemporaryDatabase("domaingoal"))
    let more = further.isEmpty ? "" : ", f \(further)"
    try psql(
      source.url,
      """
      create table t (id int primary key, n int, v text\(more.isEmpty ? "" : ", f text"));
      insert into t (id, n, v) select n, n, repeat('x', n % 7) from generate_series(1, 2000) n;
      """)
    try psql(
      target.url,
      """
      create domain even as int check (value % 2 = 0);
      create domain short as varchar(20) check (length(value) < 5);
      create table t (id int primary key, n even, v short\(more));
      """)
    let columns = ["id", "n", "v"] + (further.isEmpty ? [] : ["f"])
    let migrate = try prepared(
      plan(table("t", columns)), source: source.url, target: target.url)
    #expect(try migrate("run").exitCode == 5)
    let good = try psql(
      source.url, "select count(*) from t where n % 2 = 0 and length(v) < 5")
    #expect(try psql(target.url, "select count(*) from t") == good)
    #expect(
      try psql(
        target.url,
        """
        select count(*), count(distinct key), bool_and(reason = 'checkFailed'),
          bool_and((key->>'id')::int % 2 = 1 or (key->>'id')::int % 7 >= 5)
        from migrate.quarantine
        """) == "\(2000 - (Int(good) ?? 0))|\(2000 - (Int(good) ?? 0))|t|t")
    let validation = try migrate.json("validate --all --samples all")
    #expect(validation.exitCode == 0, "\(validation.document.compact)")
    #expect(try migrate("retry").exitCode == 5)
  }

  @Test(arguments: ["", "inet"]) func aDryRunOfAPartLeavesOutWhatTheServerRejects(
    _ further: String
  ) throws {
    let (source, target) = (try TemporaryDatabase("parts"), try TemporaryDatabase("partgoal"))
    try psql(
      source.url,
      """
      create table p (id int primary key, n int, f text);
      insert into p (id, n) select n, n from generate_series(1, 200) n;
      create table c (id int primary key, p int);
      insert into c select n, n % 200 + 1 from generate_series(1, 400) n;
      """)
    try psql(
      target.url,
      """
      create domain even as int check (value % 2 = 0);
      create table p (id int primary key, n even, f \(further.isEmpty ? "text" : further));
      create table c (id int primary key, p int references p);
      """)
    let child = """
      c: { from: "c", key: "id", columns: {
        id: "id", p: { reference: "p", by: { id: "p" }, orphan: "quarantine" } } }
      """
    let migrate = try prepared(
      plan(table("p", ["id", "n", "f"]) + ", " + child), source: source.url, target: target.url)
    for part in [
      "run --all --limit 400", "run c --where id>0 --force", "run c --force", "run --all",
    ] {
      let dry = try migrate.json(part + " --dry-run")
      #expect(dry.exitCode == 5, "\(part): \(dry.document.compact)")
      let children = items(dry.document["tables"]).first { $0["table"] == "c" }
      #expect(children?["quarantined"] == 200, "\(part)")
    }
    #expect(try migrate("run --all").exitCode == 5)
    #expect(try psql(target.url, "select count(*) from c") == "200")
  }

  // MARK: JSON and arrays

  @Test func jsonIsKeptAsItIs() throws {
    let (source, target) = (try TemporaryDatabase("json"), try TemporaryDatabase("jsongoal"))
    try psql(
      source.url,
      """
      create table t (id int primary key, j json, js json[], b json, x text);
      insert into t (id, j) values (1, '{"a" : "\\ud800", "b":"\\u0000",  "a": 1e999999}'),
        (2, '"\\udc00\\ud800"'), (3, (repeat('[', 1500) || repeat(']', 1500))::json);
      insert into t (id, js) values (4, array['"\\ud800"', '{"k" :  1}']::json[]);
      insert into t (id, x) values (5, '"\\ud800"'), (6, '"\\ud8zz"');
      insert into t (id, b) values (7, '"\\ud800"'), (8, '"\\u0000"'), (9, '"\\ud83d\\ude00"');
      """)
    try psql(
      target.url, "create table t (id int primary key, j json, js json[], b jsonb, x json)")
    let migrate = try prepared(
      plan(table("t", ["id", "j", "js", "b", "x"])), source: source.url, target: target.url)
    #expect(try migrate("run").exitCode == 5)
    let kept = "select id, j, js, x from t where id <= 5 order by id"
    #expect(try psql(source.url, kept) == psql(target.url, kept))
    #expect(
      try psql(
        target.url,
        "select string_agg(key->>'id' || reason, ' ' order by key->>'id') from migrate.quarantine")
        == "6notJSON 7notJSON 8nulByte")
    let validation = try migrate.json("validate --all --samples all")
    #expect(validation.exitCode == 0, "\(validation.document.compact)")
  }

  @Test func listsBecomeArraysOfTypesThatOnlyTheServerReads() throws {
    let (source, target) = (try TemporaryDatabase("lists"), try TemporaryDatabase("listgoal"))
    try psql(
      source.url,
      """
      create table t (id int primary key, a text[], b jsonb, c json, n int);
      insert into t values (1, array['good', null, 'so la la'], '["10.0.0.1/32", null, "::1"]', '[]', 1),
        (2, '{}', null, '["so la la"]', 1), (3, array['bad'], null, null, 1),
        (4, null, '{"no": "list"}', null, 1);
      """)
    try psql(
      target.url,
      """
      create type mood as enum ('good', 'so la la');
      create table t (id int primary key, a mood[], b inet[], c mood[], n int, tree pg_node_tree);
      """)
    let migrate = try prepared(
      plan(table("t", ["id", "a", "b", "c", "n"])), source: source.url, target: target.url)
    let check = try migrate.json("plan check")
    #expect(check.exitCode == 0, "\(check.document.compact)")
    #expect(try migrate("run").exitCode == 5)
    #expect(
      try psql(target.url, "select id, a, b, c from t order by id")
        == "1|{good,NULL,\"so la la\"}|{10.0.0.1,NULL,::1}|{}\n2|{}||{\"so la la\"}")
    #expect(
      try psql(
        target.url,
        "select string_agg(key->>'id' || reason, ' ' order by key->>'id') from migrate.quarantine")
        == "3sqlstate22P02 4notAnArray")
    let validation = try migrate.json("validate --all --samples all")
    #expect(validation.exitCode == 0, "\(validation.document.compact)")
    // What no rule can fill is refused before the first row.
    for rule in ["a: \"n\"", "b: \"n\"", "tree: \"c\""] {
      let wrong = try prepared(
        plan(
          "t: { from: \"t\", key: \"id\", ignore: [\"a\", \"b\", \"c\", \"n\"], columns: { id: \"id\", \(rule) } }"
        ),
        source: source.url, target: target.url)
      #expect(try wrong("plan check").exitCode == 4, "\(rule)")
    }
  }

  // MARK: One that fails

  @Test func whatCanNotBeLookedAtKeepsNothingElseFromIt() throws {
    let (source, target) = (try TemporaryDatabase("broken"), try TemporaryDatabase("brokengoal"))
    let tables = """
      create table a (id int primary key, v text); create table b (id int primary key, v text);
      """
    try psql(
      source.url, tables + "insert into a values (1, 'x'), (2, 'y'); insert into b select * from a")
    try psql(target.url, tables + "alter table a add no_such_column int")
    let rules = """
      rules: {
        wrong: { group: "g", table: "a", that: "no_such_column > 1", message: "m" },
        right: { group: "g", table: "b", that: "v <> 'z'", message: "m" },
      }
      """
    let both = table("a", ["id", "v"]) + ", " + table("b", ["id", "v"])
    let migrate = try prepared(plan(both, rules: rules), source: source.url, target: target.url)
    #expect(try migrate("run --all").exitCode == 0)
    try psql(target.url, "alter table a drop column no_such_column")
    let tried = try migrate.json("validate --layers rules")
    #expect(tried.exitCode == 4)
    let layer = tried.document["businessRuleValidation"]
    #expect(items(layer?["tables"]).compactMap { $0["rule"]?.textValue } == ["right"])
    #expect(items(layer?["findings"]).count == 1)
    #expect(layer?.compact.contains("the rule wrong") == true)

    try psql(target.url, "update a set v = 'other' where id = 1; alter table b drop column v")
    let compared = try migrate.json("validate --layers records --samples all")
    #expect(compared.exitCode == 4)
    let records = compared.document["sampleRecordValidation"]
    #expect(items(records?["fieldMismatches"]).compactMap { $0["table"]?.textValue } == ["a"])
    let unseen = items(records?["findings"]).filter {
      $0["what"]?.textValue?.hasPrefix("could not check") == true
    }
    #expect(unseen.compactMap { $0["table"]?.textValue } == ["b"])

    try psql(target.url, "update b set id = 7 where id = 2")
    let undone = try migrate.json("rollback --session latest --yes")
    #expect(undone.exitCode == 0, "\(undone.document.compact)")
    #expect(
      try psql(target.url, "select (select count(*) from a), (select count(*) from b)") == "1|1")

    let filtered = try prepared(
      plan(both.replacing("from: \"a\"", with: "from: \"a\", where: \"no_such_column > 1\"")),
      source: source.url, target: target.url)
    let profile = try filtered.json("plan profile")
    #expect(profile.exitCode == 4)
    // A profile checks the rows that its filter chooses, so there is none of the other table.
    #expect(items(profile.document["sources"]).count == 1)
    let faults = items(profile.document["findings"]).filter { $0["kind"] == "unseen" }
    // The filter of the one can't be asked, and the rules of the other do not fit its table.
    #expect(Set(faults.compactMap { $0["source"]?.textValue }) == ["a", "b"])
  }
}
