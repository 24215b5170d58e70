import Foundation
import MigrationCore
import TestSupport
import Testing

/// Tables that a crash of the server empties.
@Suite struct UnloggedEndToEndTests {
  private static let tables = """
    { items: { from: "old_items", key: "id", sameColumns: ["id", "name"] },
      notes: { from: "old_notes", key: "id", sameColumns: ["id", "name"] } }
    """
  private static let source = """
    create table old_items (id int primary key, name text);
    create table old_notes (id int primary key, name text);
    insert into old_items select n, 'n' || n from generate_series(1, 500) n;
    insert into old_notes select n, 'n' || n from generate_series(1, 500) n;
    """

  @Test(arguments: [
    "create unlogged table items (id int primary key, name text);",
    """
    create table items (id int primary key, name text) partition by range (id);
    create table items_low partition of items for values from (0) to (100);
    create unlogged table items_rest partition of items default;
    """,
  ])
  func anUnloggedTableIsRefusedBeforeAnythingIsWritten(_ table: String) throws {
    let fixture = try TablesFixture(
      tables: Self.tables, sourceSQL: Self.source,
      targetSQL: table + "create table notes (id int primary key, name text)")
    let check = try fixture.migrate("plan check")
    #expect(check.exitCode == 4, "\(check.output)")
    #expect(
      check.output.contains("public.items is UNLOGGED") && check.output.contains("SET LOGGED"),
      "\(check.output)")
    #expect(!check.output.contains("public.notes is UNLOGGED"))
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 1, "\(run.output)")
    #expect(run.errors.contains("items is UNLOGGED"), "\(run.errors)")
    #expect(try fixture.query("select count(*) from items, notes") == "0")
    #expect(try fixture.migrate("run notes").exitCode == 0)
  }

  /// The table was made unlogged after its load; then the server crashes.
  @Test func rowsThatACrashHasTakenAreMissed() throws {
    let servers = try PrivateServers(.postgres)
    let target = TestSupport.url(servers.environment["DATABASE_URL"] ?? "", database: "postgres")
    var fixture = try TablesFixture(
      tables: Self.tables, sourceSQL: Self.source, targetSQL: "select 1")
    let ddl = """
      create table items (id int primary key, name text);
      create table notes (id int primary key, name text);
      """
    try psql(target, ddl)
    fixture.migrate.environment["DATABASE_URL"] = target
    let migrate = fixture.migrate
    #expect(try migrate("run items").exitCode == 0)
    try psql(target, "alter table items set unlogged")
    let rest = try migrate("run")
    #expect(rest.exitCode == 0, "\(rest.errors)")
    #expect(rest.errors.contains("UNLOGGED"), "\(rest.errors)")
    #expect(try migrate("run").exitCode == 0)

    try servers.crashPostgres()
    #expect(try psql(target, "select count(*) from items") == "0")
    let again = try migrate("run")
    #expect(again.exitCode == 1, "\(again.output)")
    #expect(
      again.errors.contains("0 in the target, 500 fewer than the ledger says"), "\(again.errors)")
    #expect(again.errors.contains("SET LOGGED"), "\(again.errors)")
    #expect(try migrate("status --check").exitCode == 4)
    let validation = try migrate("validate")
    #expect(validation.exitCode == 4)
    #expect(validation.output.contains("500 missing"), "\(validation.output)")

    try psql(target, "alter table items set logged")
    let fresh = try migrate("run --fresh --empty-tables --yes")
    #expect(fresh.exitCode == 0, "\(fresh.errors)")
    #expect(try psql(target, "select count(*) from items") == "500")
  }
}
