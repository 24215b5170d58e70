import MigrationCore
import TestSupport
import Testing

/// Rules of target tables (`CREATE RULE`), which rewrite statements before they run.
@Suite struct RewritingRulesEndToEndTests {
  private static let rows = """
    create table first (id int primary key, v text);
    create table last (id int primary key, v text);
    insert into first select n, 'v' || n from generate_series(1, 20) n;
    insert into last select n, 'v' || n from generate_series(1, 20) n;
    """
  private static let tables = """
    create table first (id int primary key, v text);
    create table last (id int primary key, v text);
    insert into last values (1000, 'before');
    """

  private func fixture(_ rule: String) throws -> TablesFixture {
    try TablesFixture(
      tables: """
        { first: { from: "first", key: "id", sameColumns: ["id", "v"] },
          last: { from: "last", key: "id", sameColumns: ["id", "v"] } }
        """,
      sourceSQL: Self.rows, targetSQL: Self.tables + rule)
  }

  @Test(arguments: [
    "create rule keep as on delete to first do instead nothing",
    "create rule keep as on delete to first where old.id = 3 do instead nothing",
    "create rule keep as on delete to first do also notify gone",
    "create rule keep as on delete to first do instead delete from last where id = old.id",
  ])
  func aRuleOnDeleteStopsARollbackBeforeAnythingGoes(_ rule: String) throws {
    let fixture = try fixture(rule)
    let check = try fixture.migrate("plan check")
    #expect(check.exitCode == 0, "\(check.output)")
    #expect(check.output.contains("public.first has rule keep (ON DELETE)"), "\(check.output)")
    let readiness = try fixture.migrate("check")
    #expect(readiness.output.contains("rule keep (ON DELETE)"), "\(readiness.output)")
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(run.errors.contains("a rollback would be refused"), "\(run.errors)")

    let preview = try fixture.migrate.json("rollback --session latest --dry-run")
    #expect(preview.exitCode == 1)
    #expect(
      preview.document["obstacles"]?[0]?["what"]
        == "public.first has rule keep (ON DELETE), which rewrites what a rollback deletes by")
    let refused = try fixture.migrate("rollback --session latest --yes")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("nothing was changed"), "\(refused.errors)")
    #expect(
      refused.errors.contains("ALTER TABLE \"public\".\"first\" DISABLE RULE \"keep\""),
      "\(refused.errors)")
    let state = "select (select count(*) from first), (select count(*) from last)"
    #expect(try fixture.query(state) == "20|21")
    #expect(try fixture.query("select count(*) from migrate.rollback") == "0")

    _ = try fixture.query("alter table first disable rule keep")
    #expect(try fixture.migrate("plan check").output.contains("rule keep") == false)
    #expect(try fixture.migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try fixture.query(state) == "0|1")
    #expect(try fixture.migrate("rollback verify").exitCode == 0)
  }

  @Test func aRuleOnDeleteKeepsNoCorruptedRow() throws {
    let fixture = try fixture("create rule keep as on delete to first do also notify gone")
    #expect(try fixture.migrate("run").exitCode == 0)
    _ = try fixture.query("update first set v = 'other' where id = 3")
    let refused = try fixture.migrate("rollback --corrupted --yes")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("rule keep (ON DELETE)"), "\(refused.errors)")
    _ = try fixture.query("alter table first disable rule keep")
    #expect(try fixture.migrate("rollback --corrupted --yes").exitCode == 0)
    #expect(try fixture.query("select count(*) from first") == "19")
  }

  /// COPY would write into the table, and every other statement elsewhere.
  @Test func aRuleThatLeadsRowsElsewhereIsRefused() throws {
    let fixture = try fixture(
      "create rule elsewhere as on insert to first do instead insert into last values (new.id + 50)"
    )
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 1, "\(run.output)")
    #expect(run.errors.contains("rule elsewhere (ON INSERT)"), "\(run.errors)")
    #expect(run.errors.contains("DISABLE RULE \"elsewhere\""), "\(run.errors)")
    #expect(try fixture.query("select count(*) from first") == "0")
    _ = try fixture.query("drop rule elsewhere on first")
    #expect(try fixture.migrate("run").exitCode == 0)
  }

  @Test func aRuleThatAlsoDoesSomethingIsToldAsWhatCOPYLeavesOut() throws {
    let fixture = try fixture("create rule loud as on insert to first do also notify came")
    let check = try fixture.migrate("plan check")
    #expect(check.exitCode == 0)
    #expect(check.output.contains("rule loud (ON INSERT): COPY"), "\(check.output)")
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(try fixture.migrate("rollback --session latest --yes").exitCode == 0)
  }

  /// Rows are merged, and tried again, by statements that the server does not take from tables with rules.
  @Test(arguments: [
    "create rule loud as on insert to pairs do also notify came",
    "create rule loud as on update to pairs do also notify came",
  ])
  func aMergedTableWithRulesIsRefused(_ rule: String) throws {
    let fixture = try TablesFixture(
      tables:
        "{ pairs: { from: \"pairs\", key: [], merge: \"union\", columns: { a: \"a\", b: \"b\" } } }",
      sourceSQL:
        "create table pairs (a int, b int); insert into pairs values (1, 1), (1, 1), (2, 2)",
      targetSQL: "create table pairs (a int, b int, primary key (a, b)); \(rule)")
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 1, "\(run.output)")
    #expect(run.errors.contains("public.pairs has rule loud"), "\(run.errors)")
    _ = try fixture.query("drop rule loud on pairs")
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(try fixture.query("select count(*) from pairs") == "2")
  }

  /// References to rows that come later are settled by UPDATE and DELETE.
  @Test func aCircleWithRulesIsRefused() throws {
    let fixture = try TablesFixture(
      tables: """
        { nodes: { from: "nodes", key: "id", columns: {
          id: { id: "nodes", from: "id" },
          parent: { reference: "nodes", by: { id: { id: "nodes", from: "parent" } }, orphan: "null" } } } }
        """,
      sourceSQL: """
        create table nodes (id int primary key, parent int);
        insert into nodes values (1, null), (2, 1), (3, 99);
        """,
      targetSQL: """
        create table nodes (id uuid primary key, parent uuid);
        create rule loud as on update to nodes do also notify came;
        """)
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 1, "\(run.output)")
    #expect(run.errors.contains("rule loud (ON UPDATE)"), "\(run.errors)")
    _ = try fixture.query("drop rule loud on nodes")
    #expect(try fixture.migrate("run").exitCode == 0)
  }
}
