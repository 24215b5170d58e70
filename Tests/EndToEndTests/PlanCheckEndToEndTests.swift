import Foundation
import MigrationCore
import TestSupport
import Testing

/// What is wrong with a plan is found by `plan check`, and a run refuses it before it writes anything.
@Suite struct PlanCheckEndToEndTests {
  private static let source = """
    create table old_parents (id integer primary key, name text not null, born text);
    insert into old_parents select n, 'parent ' || n, '01.02.2003' from generate_series(1, 40) n;
    create table old_items (id integer primary key, parent integer, name text);
    insert into old_items select n, n % 40 + 1, 'item ' || n from generate_series(1, 90) n;
    """

  private static let target = """
    create table parents (id integer primary key, name text not null unique, born timestamptz);
    create table items (id integer primary key, parent integer not null references parents,
      name text not null);
    """

  private static func tables(
    parents: String = "", born: String = #""born""#, items: String = ""
  ) -> String {
    """
    {
      parents: { from: "old_parents", key: "id", sameColumns: ["id", "name"],
        columns: { born: \(born) } \(parents) },
      items: { from: "old_items", key: "id", sameColumns: ["id", "name"], columns: {
        parent: { reference: "parents", by: { id: "parent" }, orphan: "quarantine" } } \(items) },
    }
    """
  }

  private static let date = #"{ from: "born", date: ["dd.MM.yyyy"] }"#

  private func fixture(_ tables: String, head: String = "") throws -> PlanFixture {
    try PlanFixture(source: Self.source, target: Self.target, tables: tables, head: head)
  }

  /// What each fault is, and words that name it.
  private static let faults: [(tables: String, head: String, told: [String])] = [
    (
      tables(
        born: #"{ from: "born", date: { formats: ["dd.MM.yyyy"], timeZone: "Europe/Prag" } }"#),
      "", ["Europe/Prag"]
    ),
    (
      tables(born: date, items: #", where: "nmae is not null""#), "",
      ["the condition on old_items", "nmae"]
    ),
    (
      tables(born: date),
      #"rules: { named: { table: "items", that: "nmae <> ''", message: "no name" } },"#,
      ["rule \"named\"", "nmae"]
    ),
    (
      tables(born: date),
      #"rules: { named: { table: "items", offenders: "select idd from items", message: "m" } },"#,
      ["rule \"named\"", "idd"]
    ),
    (
      tables(born: date),
      #"rules: { named: { table: "items", that: "name <> ''", message: "m", "#
        + #"repair: "update items set nmae = '-'" } },"#,
      ["repair of the rule \"named\"", "nmae"]
    ),
  ]

  @Test(arguments: faults.indices) func aFaultIsFoundBeforeAnythingIsWritten(_ index: Int) throws {
    let (tables, head, told) = Self.faults[index]
    let fixture = try fixture(tables, head: head)
    let check = try fixture.migrate("plan check")
    #expect(check.exitCode == 4)
    for words in told { #expect(check.output.contains(words), "\(check.output)") }
    let run = try fixture.migrate("run --all")
    #expect(run.exitCode == 1)
    for words in told { #expect(run.errors.contains(words), "\(run.errors)") }
    #expect(
      try number(fixture.target, "select count(*) from pg_namespace where nspname = 'migrate'") == 0
    )
    #expect(try number(fixture.target, "select count(*) from parents") == 0)
  }

  @Test func aQueryThatTheTargetRefusesIsFound() throws {
    let head = """
      queries: { find: { sql: "select * from itemz where id = $1", limit: 50,
        arguments: "select idd from items" } },
      """
    let fixture = try fixture(Self.tables(born: Self.date), head: head)
    let (code, found) = try fixture.migrate.json("plan check")
    #expect(code == 4 && found["errors"] == 2, "\(found)")
    #expect("\(found)".contains("itemz") && "\(found)".contains("arguments of the query"))
  }

  /// All of them at once, each with its place.
  @Test func theRunNamesEveryError() throws {
    let fixture = try fixture(
      Self.tables(parents: #", where: "x = 1""#, born: #""brn""#, items: #", where: "y = 1""#))
    let run = try fixture.migrate.json("run --all")
    #expect(run.exitCode == 1 && run.document["error"]?["code"] == "ERR_002")
    let text = "\(run.document)"
    for words in ["brn", "old_parents", "old_items", "plan.json5:"] {
      #expect(text.contains(words), "\(text)")
    }
    // The tables that are asked for, and no others.
    try fixture.write(Self.tables(born: Self.date, items: #", where: "y = 1""#))
    #expect(try fixture.migrate("run parents").exitCode == 0)
    #expect(try fixture.migrate("run items").exitCode == 1)
    #expect(
      try number(
        fixture.target,
        "select count(*) from migrate.table_state "
          + "where name = 'items' and status <> 'pending'") == 0)
  }

  /// `--fresh --empty-tables` would have emptied them already.
  @Test func aRefusedFreshStartLeavesTheRowsOfBefore() throws {
    var fixture = try fixture(Self.tables(born: Self.date))
    #expect(try fixture.migrate("run --all").exitCode == 0)
    try fixture.write(Self.tables(born: #""brn""#))
    let run = try fixture.migrate("run --all --fresh --empty-tables --yes")
    #expect(run.exitCode == 1, "\(run.errors)")
    #expect(try number(fixture.target, "select count(*) from items") == 90)
    fixture.migrate.environment["UNUSED"] = nil
  }

  @Test(arguments: [
    ("create view", "a view")
  ]) func aViewAsASourceIsCalledOne(_ create: String, _ words: String) throws {
    let fixture = try fixture(Self.tables(born: Self.date))
    try psql(
      fixture.source.url,
      "alter table old_items rename to real_items; \(create) old_items as table real_items")
    for line in ["plan check", "run --all"] {
      let said = try fixture.migrate(line)
      #expect(said.exitCode != 0)
      #expect((said.output + said.errors).contains("public.old_items is \(words)"), "\(said)")
      #expect((said.output + said.errors).contains("CREATE TABLE … AS"), "\(said)")
    }
    #expect(try number(fixture.target, "select count(*) from parents") == 0)
  }

  @Test func sequencesForeignTablesAndTargetsThatAreNoTablesAreCalledWhatTheyAre() throws {
    let fixture = try fixture(Self.tables(born: Self.date))
    try psql(
      fixture.source.url,
      """
      alter table old_items rename to real_items; create sequence old_items;
      alter table old_parents rename to real_parents;
      create foreign data wrapper nowhere; create server far foreign data wrapper nowhere;
      create foreign table old_parents (id integer, name text, born text) server far;
      """)
    try psql(
      fixture.target.url,
      "alter table items rename to real_items; create view items as table real_items")
    let check = try fixture.migrate("plan check")
    #expect(check.exitCode == 4)
    for words in [
      "old_items is a sequence", "old_parents is a foreign table",
      "public.items is a view in the target",
    ] {
      #expect(check.output.contains(words), "\(check.output)")
    }
  }

  @Test func aPartitionedTableAndAPartitionAreTables() throws {
    let fixture = try fixture(
      Self.tables(born: Self.date).replacing("old_items", with: "old_items_low"))
    try psql(
      fixture.source.url,
      """
      alter table old_parents rename to real_parents;
      create table old_parents (id integer primary key, name text not null, born text)
        partition by range (id);
      create table old_parents_1 partition of old_parents for values from (0) to (20);
      create table old_parents_2 partition of old_parents for values from (20) to (1000);
      insert into old_parents table real_parents;
      alter table old_items rename to real_items;
      create table old_items (like real_items, primary key (id)) partition by range (id);
      create table old_items_low partition of old_items for values from (0) to (50);
      create table old_items_high partition of old_items for values from (50) to (1000);
      insert into old_items table real_items;
      """)
    #expect(try fixture.migrate("plan check").exitCode == 0)
    #expect(try fixture.migrate("run --all").exitCode == 0)
    #expect(try number(fixture.target, "select count(*) from parents") == 40)
    #expect(try number(fixture.target, "select count(*) from items") == 49)
  }

  /// One that the target refuses does not keep the others from being tried.
  @Test func aBrokenRuleIsNamedAndTheOthersAreTried() throws {
    let rules = """
      rules: {
        broken: { table: "items", that: "old_name <> ''", message: "m" },
        named: { table: "items", that: "name <> ''", message: "a name is empty" },
      },
      """
    let fixture = try fixture(Self.tables(born: Self.date), head: rules)
    try psql(fixture.target.url, "alter table items add old_name text")
    let run = try fixture.migrate("run --all")
    #expect(run.exitCode == 0, "\(run.errors)")
    try psql(
      fixture.target.url, "alter table items drop old_name; update items set name = '' where id = 7"
    )
    for line in ["validate-rules", "validate --layers rules"] {
      let (code, report) = try fixture.migrate.json(line)
      #expect(code == 4)
      let text = "\(report)"
      #expect(text.contains("could not check the rule broken"), "\(text)")
      #expect(text.contains("a name is empty"), "\(text)")
    }
  }

  @Test func aConditionOnADumpAndAMissingCollectionAreFoundBeforeAnythingIsWritten() throws {
    let tables = """
      {
        a: { from: "a", columns: { id: { id: "a", from: "_id" } }, where: { n: 1 } },
        b: { from: "ordrs", columns: { id: { id: "b", from: "_id" } } },
      }
      """
    let fixture = try DocumentsFixture(
      tables: tables,
      targetSQL: "create table a (id uuid primary key); create table b (id uuid primary key)")
    try fixture.insert("a", [["n": 1]])
    try fixture.insert("orders", [["n": 1]])
    var migrate = fixture.migrate
    migrate.environment["MONGODB_URL"] = "dump:" + (try fixture.dump("a", "orders"))
    for line in ["plan check", "run --all"] {
      let said = try migrate(line)
      #expect(said.exitCode != 0)
      for words in [
        "a dump cannot be filtered by a condition", "no collection ordrs", "did you mean orders?",
      ] {
        #expect((said.output + said.errors).contains(words), "\(said)")
      }
    }
    #expect(try fixture.query("select count(*) from pg_namespace where nspname = 'migrate'") == "0")
  }
}
