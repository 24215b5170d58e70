import Foundation
import MigrationCore
import TestSupport
import Testing

/// What is only called like something of this program's is never dropped, and is reported.
@Suite struct ThingsOfOthersEndToEndTests {
  @Test func trialsLeaveSchemasOfOthersAlone() throws {
    let fixture = try BeforeFixture("--rows 60")
    try psql(
      fixture.target.url,
      """
      create schema migrate_trial_2024; create schema migrate_trial_2024_ledger;
      create table migrate_trial_2024.precious as select 42 as id;
      create table migrate_trial_2024_ledger.precious as select 43 as id;
      comment on schema migrate_trial_2024 is 'migrate: made for a trial and dropped after it: another';
      """)
    let (_, report) = try fixture.migrate.json("validate-all --parts rollback,backup")
    #expect(
      try psql(
        fixture.target.url,
        "select a.id, b.id from migrate_trial_2024.precious a, migrate_trial_2024_ledger.precious b"
      )
        == "42|43")
    for part in ["rollbackReadiness", "backupReadiness"] {
      let facts = report[part]?["facts"]?.compact ?? ""
      #expect(facts.contains("schema migrate_trial_2024 was not dropped"), "\(report.pretty)")
    }
  }

  private func merged() throws -> TablesFixture {
    let fixture = try TablesFixture(
      tables: #"{ m: { from: "m", key: [], merge: "union", columns: { x: "x", y: "y" } } }"#,
      sourceSQL: "create table m as select 1 as x, 2 as y;",
      targetSQL: """
        create table m (x integer, y integer, primary key (x, y));
        create table merge_2024 as select 42 as id;
        """)
    return fixture
  }

  @Test func tablesOfOthersAreNoStagingTables() throws {
    let fixture = try merged()
    var migrate = fixture.migrate
    migrate.environment["MIGRATION_LEDGER_SCHEMA"] = "public"
    let ran = try migrate("run")
    #expect(ran.exitCode == 0, "\(ran.errors)")
    #expect(ran.errors.contains(#"merge_2024" was not dropped"#), "\(ran.errors)")
    // A copy of a staging table, which the ledger knows nothing of.
    try psql(
      fixture.target.url,
      """
      create table merge_77 (id integer,
        migrate_chunk integer not null default current_setting('migrate.chunk')::integer);
      """)
    let (code, document) = try migrate.json("cleanup")
    #expect(code == 0)
    #expect(document["removed"] == [], "\(document.pretty)")
    for table in ["merge_2024", "merge_77"] {
      #expect(document["leftAlone"]?.compact.contains(table) == true, "\(document.pretty)")
      #expect(try fixture.query("select to_regclass('\(table)')") == table)
    }
  }

  @Test func rowsNeverWaitInATableOfOthers() throws {
    let fixture = try merged()
    var migrate = fixture.migrate
    migrate.environment["MIGRATION_LEDGER_SCHEMA"] = "public"
    try psql(fixture.target.url, "create table merge_1 (x integer, y integer)")
    let ran = try migrate("run")
    #expect(ran.exitCode == 1, "\(ran.errors)")
    #expect(ran.errors.contains("public.merge_1"), "\(ran.errors)")
    #expect(try fixture.query("select count(*) from merge_1") == "0")
  }
}
