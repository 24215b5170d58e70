import Foundation
import MigrationCore
import TestSupport
import Testing

/// What a validation and a run say of sound migrations.
@Suite struct FalseAlarmsEndToEndTests {
  @Test func aForeignKeyToAPartitionedTableIsOneKey() throws {
    let source = try TemporaryDatabase("partsource")
    let target = try TemporaryDatabase("parttarget")
    try psql(
      source.url,
      """
      create table parents (id integer primary key, name text);
      insert into parents select n, 'parent ' || n from generate_series(1, 40) n;
      create table items (id integer primary key, parent integer);
      insert into items select n, n % 40 + 1 from generate_series(1, 500) n;
      """)
    try psql(
      target.url,
      """
      create table parents (id integer primary key, name text) partition by range (id);
      create table parents_1 partition of parents for values from (0) to (20);
      create table parents_2 partition of parents for values from (20) to (100) partition by range (id);
      create table parents_3 partition of parents_2 for values from (20) to (100);
      create table items (id integer primary key, parent integer references parents) partition by hash (id);
      create table items_1 partition of items for values with (modulus 2, remainder 0);
      create table items_2 partition of items for values with (modulus 2, remainder 1);
      """)
    var migrate = try Migrate()
    migrate.environment["SOURCE_DATABASE_URL"] = source.url
    migrate.environment["DATABASE_URL"] = target.url
    try Self.write(
      migrate,
      """
      parents: { from: "parents", key: "id", sameColumns: ["id", "name"] },
      items: { from: "items", key: "id", sameColumns: ["id"],
        columns: { parent: { reference: "parents", by: { id: "parent" } } } },
      """)
    // A dry run takes keys off, and those of partitions go with their own.
    let rehearsed = try migrate("run --dry-run --limit 5")
    #expect(rehearsed.exitCode == 0, "\(rehearsed.errors)")
    let run = try migrate("run")
    #expect(run.exitCode == 0, "\(run.errors)")
    let validated = try migrate("validate --samples all")
    #expect(validated.exitCode == 0, "\(validated.output)")
    #expect(!validated.output.contains("matches no row"))
    #expect(try migrate("plan check").exitCode == 0)
  }

  @Test func rowsThatLeftTheSourceAreTheMigrationsOwn() throws {
    let fixture = try Self.migrated()
    try psql(fixture.source.url, "delete from old_items where id <= 3")
    let validated = try fixture.migrate("validate --samples all --table items")
    #expect(validated.exitCode == 4)
    #expect(
      validated.output.contains(
        "3 rows of items written by this migration and deleted from the source since"))
    #expect(!validated.output.contains("did not"))
    try psql(fixture.target.url, "insert into items values (30001, 1, 'others')")
    let strange = try fixture.migrate("validate --samples all --table items")
    #expect(strange.output.contains("3 rows of items written by this migration"))
    #expect(strange.output.contains("1 row of items without a source row"))
  }

  /// The session was begun before, by hand; all was read by one run.
  @Test func oneRunReadsAsOfOneMoment() throws {
    let fixture = try TriggersFixture("title: \"shop\"")
    #expect(try fixture.migrate("session start --name rehearsal --force").exitCode == 0)
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(!run.output.contains("more than one snapshot"))
    #expect(try fixture.migrate("rollback --table items --yes").exitCode == 0)
    let again = try fixture.migrate("run")
    #expect(again.output.contains("more than one snapshot"), "two tables, two runs")
  }

  private static func migrated() throws -> TriggersFixture {
    let fixture = try TriggersFixture("title: \"shop\"")
    try psql(fixture.target.url, "truncate items, parents")
    let run = try fixture.migrate("run")
    guard run.exitCode == 0 else { throw SubprocessFailure(description: run.errors) }
    return fixture
  }

  private static func write(_ migrate: Migrate, _ tables: String) throws {
    try FileManager.default.createDirectory(
      atPath: migrate.folder.path + "/config/shop", withIntermediateDirectories: true)
    _ = try migrate.folder.file(
      "config/shop/plan.json5",
      "{ name: \"shop\", source: { kind: \"postgres\" }, tables: { \(tables) } }")
  }
}
