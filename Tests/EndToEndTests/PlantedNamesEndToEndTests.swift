import Foundation
import MigrationCore
import TestSupport
import Testing

/// A superuser runs every command on databases in which somebody has planted objects of the system's names.
@Suite struct PlantedNamesEndToEndTests {
  private struct World {
    let source: TemporaryDatabase
    let target: TemporaryDatabase
    var migrate: Migrate

    init() throws {
      source = try TemporaryDatabase("plantedsource")
      target = try TemporaryDatabase("plantedtarget")
      let kind = "create type kind as enum ('open', 'closed')"
      try psql(
        source.url,
        """
        \(kind);
        create table old_items (code varchar(20) primary key, name varchar(40), state kind,
          amount numeric(9,2), at timestamptz, open boolean, ref varchar(20), number integer);
        insert into old_items select 'item ' || n, case when n <= 117 then 'name ' || n end,
          (array['open', 'closed'])[n % 2 + 1]::kind, n * 1.5, timestamptz '2024-01-01Z' + n * interval '1 hour',
          n % 3 = 0, case when n > 110 then 'nowhere' else 'item ' || n / 2 + 1 end, n % 40
        from generate_series(1, 120) n;
        """)
      try psql(
        target.url,
        """
        \(kind);
        create table items (code varchar(20) primary key, name varchar(40) not null, state kind,
          amount numeric(9,2), at timestamptz, open boolean, ref varchar(20) references items,
          number integer);
        create index items_name on items (name);
        """)
      migrate = try Migrate()
      migrate.environment["SOURCE_DATABASE_URL"] = source.url
      migrate.environment["DATABASE_URL"] = target.url
      migrate.environment["MIGRATION_BATCH_SIZE"] = "20"
      try FileManager.default.createDirectory(
        atPath: migrate.folder.path + "/config/shop/schema", withIntermediateDirectories: true)
      _ = try migrate.folder.file("config/shop/plan.json5", Self.plan)
    }

    private static let plan = """
      {
        name: "shop", source: { kind: "postgres" },
        limits: { warnAt: "80%", stopAt: "90%" },
        tables: {
          items: { from: "old_items", key: "code",
            sameColumns: ["code", "state", "amount", "at", "open", "number", "ref"], columns: {
              name: { from: "name", required: true } } },
        },
        rules: {
          "amounts": { group: "sums", table: "items", severity: "high",
            that: "amount >= 0::numeric", message: "an amount is negative" },
        },
        queries: { "all": { sql: "SELECT FROM items", limit: 1000 } },
      }
      """
  }

  /// Commands whose sessions run statements of the program, rules and queries of the plan.
  private static let commands = [
    "check", "test-connections", "check-permissions", "network-test --repeat 2", "plan check",
    "db status", "validate-schema", "status", "progress", "session list", "session show",
    "errors", "find-orphans --in target", "validate --without-source",
    "validate --fingerprint --without-source", "validate-rules", "test-performance",
    "receipt write", "performance-analysis", "metrics", "report incident",
    "session checkpoint planted", "backup create", "backup verify", "cleanup",
  ]

  @Test func nobodysObjectOfASystemsNameIsUsed() throws {
    let world = try World()
    #expect(try world.migrate("run").exitCode == 5)
    #expect(try number(world.target, "select count(*) from items") == 110)
    try PlantedNames.plant(world.source, schemas: ["public"])
    try PlantedNames.plant(world.target, schemas: ["public"])
    var known = Set(try PlantedNames.calls())
    for command in Self.commands {
      let done = try world.migrate(command)
      #expect(done.exitCode == 0, "\(command): \(done.output) \(done.errors)")
      let found = try PlantedNames.calls().filter { !known.contains($0) }
      known.formUnion(found)
      #expect(found.isEmpty, "\(command): \(found.prefix(3).joined(separator: "\n"))")
    }
    // They are planted well: a session with its own path uses them.
    let used = try psql(world.target.url, "select count(*) from items where name = ref")
    #expect(used == "0")
    #expect(try Set(PlantedNames.calls()).subtracting(known).isEmpty == false)
  }
}
