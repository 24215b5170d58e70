import Foundation
import MigrationCore
import TestSupport
import Testing

/// A ledger that came to another cluster: its ids of transactions are those of anybody there.
@Suite struct ForeignLedgerEndToEndTests {
  /// A server of its own with a source and a target, whose transactions are far from a new server's.
  private struct World {
    let servers: PrivateServers
    var migrate: Migrate
    var target: String { servers.environment["DATABASE_URL"] ?? "" }

    init() throws {
      servers = try PrivateServers(.postgres, postgresConfiguration: "fsync = off")
      migrate = try Migrate()
      for name in ["DATABASE_URL", "SOURCE_DATABASE_URL"] {
        migrate.environment[name] = servers.environment[name]
      }
      migrate.environment["MIGRATION_BATCH_SIZE"] = "100"
      try psql(
        servers.environment["SOURCE_DATABASE_URL"] ?? "",
        """
        create table customers (id integer primary key, name text not null);
        insert into customers select n, 'customer ' || n from generate_series(1, 300) n
        """)
      try psql(target, "create table customers (id integer primary key, name text not null)")
      try burn(target, until: 6000)
      try FileManager.default.createDirectory(
        atPath: migrate.folder.path + "/config/shop", withIntermediateDirectories: true)
      _ = try migrate.folder.file(
        "config/shop/plan.json5",
        """
        { name: "shop", source: { kind: "postgres" },
          tables: { customers: { from: "customers", key: "id", sameColumns: ["id", "name"] } } }
        """)
      let run = try migrate("run")
      guard run.exitCode == 0 else { throw SubprocessFailure(description: run.errors) }
    }
  }

  /// Uses ids up until the next one is this.
  private static func burn(_ server: String, until next: Int) throws {
    try psql(
      server,
      """
      do $$ begin
        while txid_snapshot_xmax(txid_current_snapshot()) < \(next) loop
          perform txid_current(); commit;
        end loop;
      end $$
      """)
  }

  private static func copy(_ from: String, to: String) throws {
    let programs = try TestServers.postgresPrograms()
    try mustRun(
      "/bin/bash",
      [
        "-c",
        "'\(programs)/pg_dump' -d '\(from)' | '\(programs)/psql' -X -q -v ON_ERROR_STOP=1 -d '\(to)' > /dev/null",
      ])
  }

  @Test func rowsOfOthersWithTheSameTransactionsStay() throws {
    var world = try World()
    let elsewhere = try PrivateServers(.postgres, postgresConfiguration: "fsync = off")
    let target = elsewhere.environment["DATABASE_URL"] ?? ""
    try Self.copy(world.target, to: target)
    world.migrate.environment["DATABASE_URL"] = target
    let xid =
      Int(try psql(target, "select min(xid) from migrate.chunk where rows_loaded = 100")) ?? 0
    try Self.burn(target, until: xid)
    try psql(
      target, "insert into customers select n, 'other ' || n from generate_series(1001, 1100) n")
    #expect(
      try psql(target, "select count(*) from customers where xmin::text = '\(xid)'") == "100",
      "the rows of others bear an id of the ledger")

    for command in [
      "rollback --session latest --dry-run", "rollback --session latest --yes",
      "rollback --table customers --force --yes", "rollback --corrupted --yes",
    ] {
      let refused = try world.migrate(command)
      #expect(refused.exitCode == 1, "\(command): \(refused.output)\(refused.errors)")
      #expect(refused.errors.contains("restored from a dump"))
    }
    #expect(try psql(target, "select count(*) from customers") == "400")
    // What is compared by hash alone still can be: here it says that others wrote rows.
    let validated = try world.migrate("validate --fingerprint")
    #expect(validated.exitCode == 4)
    #expect(validated.output.contains("by their transactions"))
    try psql(target, "delete from customers where id > 1000")
    #expect(try world.migrate("validate --fingerprint").exitCode == 0)

    // A run takes the ledger over, and knows what it does not know.
    try psql(
      world.servers.environment["SOURCE_DATABASE_URL"] ?? "",
      "insert into customers values (301, 'later')")
    let again = try world.migrate("run --limit 10")
    #expect(
      again.errors.contains("restored from a dump") || again.output.contains("restored from a dump")
    )
    #expect(
      try psql(
        target, "select count(*) from migrate.chunk where xid is not null and rows_loaded = 100")
        == "0")
    let still = try world.migrate("rollback --session 1 --yes")
    #expect(still.exitCode == 1)
    #expect(still.errors.contains("was restored from a backup or a dump"))
    #expect(try psql(target, "select count(*) from customers") == "300")
  }

  @Test func aRetryTellsWhatCanNotBeRolledBackAnyMore() throws {
    var world = try World()
    try psql(world.target, "create database other")
    let target = url(world.target, database: "other")
    try Self.copy(world.target, to: target)
    world.migrate.environment["DATABASE_URL"] = target
    let told = try world.migrate("retry")
    #expect(told.errors.contains("restored from a dump"), "\(told.output)\(told.errors)")
    #expect(told.errors.contains("only a backup can roll back"))
    #expect(try !world.migrate("retry").errors.contains("rolled back"))
  }

  /// In a physical copy all ids mean what they meant.
  @Test func aPhysicalCopyIsRolledBack() throws {
    var world = try World()
    try psql(world.target, "insert into customers values (0, 'other')")
    let copy = try CopiedServer(of: world.servers, isStandby: true)
    try copy.promote()
    world.migrate.environment["DATABASE_URL"] = copy.url
    let finished = try world.migrate("rollback --session latest --yes")
    #expect(finished.exitCode == 0, "\(finished.errors)")
    #expect(try psql(copy.url, "select id from customers") == "0")
    #expect(try world.migrate("rollback verify").exitCode == 0)
  }

  /// Ledgers of older programs are believed if their entries show the transactions that they name.
  @Test(arguments: [true, false]) func anOlderLedgerIsBroughtUpToDate(_ isOriginal: Bool) throws {
    var world = try World()
    let older = """
      alter table migrate.meta drop column origin_xid, drop column origin_relation, drop column origin_cluster;
      alter table migrate.rollback_table drop column if exists rows_missing, drop column if exists left_sum,
        drop column if exists left_keys, drop column if exists emptied_xid;
      drop table if exists migrate.rollback_kept, migrate.merge_present;
      alter table migrate.session drop column if exists plan_meaning, drop column if exists target_schema;
      alter table migrate.table_state drop column if exists emptied;
      alter table migrate.merge_total drop column if exists present;
      alter table migrate.quarantine drop column if exists retry_xid;
      update migrate.rollback_table set xids = '{}' where xids is null;
      alter table migrate.rollback_table alter column xids set not null;
      update migrate.meta set version = 16;
      """
    var target = world.target
    try psql(target, older)
    if !isOriginal {
      try psql(target, "create database other")
      target = url(target, database: "other")
      try Self.copy(world.target, to: target)
      world.migrate.environment["DATABASE_URL"] = target
    }
    // A run upgrades the ledger.
    #expect(try world.migrate("run").exitCode == 0)
    let finished = try world.migrate("rollback --session latest --yes")
    #expect(finished.exitCode == (isOriginal ? 0 : 1), "\(finished.errors)")
    #expect(try psql(target, "select count(*) from customers") == (isOriginal ? "0" : "300"))
  }
}
