import Foundation
import MigrationCore
import TestSupport
import Testing

/// What others did since the migration is found, named and respected.
@Suite(.serialized) struct RollbackOthersTests {
  @Test func changedRowsAreListedAndKeptAndGoWhenForced() throws {
    let (target, migrate) = try RollbackWorld.copy()
    let before = try RollbackWorld.beforeState.get()
    let ours = "customer_code not like 'OLD-%'"
    try psql(
      target.url,
      """
      update customers set phone = '1' where id in (
        select id from customers where \(ours) order by id limit 3);
      update customers set phone = '2' where id in (
        select id from customers where not \(ours) order by id limit 2);
      insert into customers (customer_code, company_name, email) values ('NEW-1', 'New', 'n@new.de');
      delete from customers where id = (select id from customers where \(ours) order by id desc limit 1)
      """)
    let keys = try psql(
      target.url, "select id from customers where phone = '1' order by id::text"
    ).split(separator: "\n").map { JSONValue.text(String($0)) }
    let others = """
      select md5(string_agg(ctid::text || xmin::text || c::text, '' order by id)) from customers c
      where not \(ours) or customer_code = 'NEW-1'
      """
    let untouched = try psql(target.url, others)

    let preview = try migrate.json("rollback --table customers --dry-run")
    guard case .array(let tables)? = preview.document["tables"], let table = tables.first else {
      Issue.record("no tables in \(preview.document)")
      return
    }
    #expect(table["changed"] == 3)
    #expect(table["changedKeys"] == .array(keys))
    #expect(table["rowsOfOthers"] == 3)
    #expect(table["missing"] == 1)

    // Without the source it cannot be determined which of the six rows the migration loaded.
    var blind = migrate
    blind.environment["SOURCE_DATABASE_URL"] = "postgres://nobody@127.0.0.1:\(try freePort())/x"
    let untold = try blind.json("rollback --table customers --force --dry-run")
    #expect(untold.exitCode == 1)
    let refused = try blind("rollback --table customers --force --yes")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("cannot distinguish changed rows"))

    let (exitCode, record) = try migrate.json("rollback --table customers --yes")
    #expect(exitCode == 0)
    #expect(record["rowsKept"] == 3)
    guard case .array(let kept)? = record["tables"] else { return }
    #expect(kept.first?["keptKeys"] == .array(keys))
    #expect(
      try number(target, "select count(*) from customers where \(ours)") == 4,
      "three that were changed, one that is new")
    #expect(try psql(target.url, others) == untouched)
    #expect(try migrate("rollback verify").exitCode == 0)

    // What was kept can still be taken, and nothing else.
    let again = try migrate("rollback --table customers --yes")
    #expect(again.exitCode == 1)
    #expect(again.errors.contains("--force"), "\(again.errors)")
    let later = try migrate.json("rollback --table customers --force --dry-run").document
    guard case .array(let going)? = later["tables"], let last = going.first else {
      Issue.record("no tables in \(later)")
      return
    }
    #expect(last["changedKeys"] == .array(keys))
    #expect(last["rows"] == 3)
    let taken = try migrate.json("rollback --table customers --force --yes")
    #expect(taken.exitCode == 0, "\(taken.document)")
    #expect(taken.document["rowsGone"] == 3)
    #expect(try number(target, "select count(*) from customers where \(ours)") == 1, "the new one")
    #expect(try psql(target.url, others) == untouched)
    #expect(try migrate("rollback verify").exitCode == 0)
    #expect(try migrate("rollback --table customers --force --yes").exitCode == 1)

    let forced = try RollbackWorld.copy()
    try psql(
      forced.target.url,
      "update customers set phone = '1' where id in (select id from customers where \(ours) limit 3)"
    )
    #expect(try forced.migrate("rollback --session latest --force --yes").exitCode == 0)
    #expect(try targetState(forced.target.url) == before)
  }

  @Test func rowsThatCameToDependStopItByName() throws {
    let (target, migrate) = try RollbackWorld.copy()
    let migrated = try targetState(target.url)
    let ours = "sku not like 'OLD-%'"
    try psql(
      target.url,
      """
      create table public.orders (number integer primary key,
        product uuid references products on delete cascade, customer uuid);
      insert into public.orders select 7, id from products where \(ours) order by id limit 1
      """)
    let (exitCode, preview) = try migrate.json("rollback --session latest --dry-run")
    #expect(exitCode == 1)
    guard case .array(let obstacles)? = preview["obstacles"] else { return }
    #expect(obstacles.count == 1)
    #expect(obstacles.first?["count"] == 1)
    #expect(obstacles.first?["examples"] == ["7"])
    let refused = try migrate("rollback --session latest --yes")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("public.orders"))
    #expect(refused.errors.contains("orders_product_fkey"))
    #expect(try number(target, "select count(*) from migrate.rollback") == 0)
    try psql(target.url, "drop table public.orders")
    #expect(try targetState(target.url) == migrated)
    // A row of others in a table of the plan; the rest of that table could go.
    try psql(
      target.url,
      """
      insert into inventory (product_id, warehouse_id)
      select id, id from products where \(ours) order by id limit 1
      """)
    let named = try migrate("rollback --session latest --yes")
    #expect(named.exitCode == 1)
    #expect(named.errors.contains("inventory_product_id_fkey"))
    #expect(named.errors.contains("1 remaining row of public.inventory"))
  }

  /// Somebody adds a row to a table that is to be emptied, and commits while the rollback waits for the table.
  @Test func aRowThatComesMeanwhileStays() throws {
    let fixture = try TablesFixture(
      tables: "{ items: { from: \"items\", key: \"id\", sameColumns: [\"id\"] } }",
      sourceSQL: "create table items (id integer primary key); insert into items values (1), (2)",
      targetSQL: "create table items (id integer primary key)")
    #expect(try fixture.migrate("run").exitCode == 0)
    let locks = """
      from pg_locks where relation = 'items'::regclass
        and database = (select oid from pg_database where datname = current_database())
      """
    let writer = try spawn(
      [
        psqlProgram, "-X", "-q", "-d", fixture.target.url, "-c",
        """
        begin;
        insert into items values (1000);
        do $$ begin
          while not exists (select \(locks) and not granted) loop perform pg_sleep(0.05); end loop;
        end $$;
        commit
        """,
      ], fixture.migrate.environment, output: "/dev/null",
      errors: fixture.migrate.folder.path + "/writer-errors")
    try eventually("the writer") {
      try fixture.query("select count(*) > 0 \(locks) and mode = 'RowExclusiveLock'") == "t"
    }
    let (exitCode, record) = try fixture.migrate.json("rollback --session latest --yes")
    #expect(waitForEnd(of: writer, until: .now + .seconds(120)) == 0)
    #expect(exitCode == 0, "\(record)")
    #expect(record["rowsGone"] == 2)
    #expect(record["tables"]?[0]?["method"] == "DELETE")
    #expect(record["tables"]?[0]?["rowsOfOthers"] == 1)
    #expect(try fixture.query("select string_agg(id::text, ',') from items") == "1000")
    #expect(try fixture.migrate("rollback verify").exitCode == 0)
  }

  @Test func aTargetThatWasCopiedOrIsTooOldIsRefused() throws {
    let (target, migrate) = try RollbackWorld.copy()
    let copy = try TemporaryDatabase("undorestored")
    let dump = try TestServers.postgresPrograms()
    try mustRun(
      "/bin/bash",
      [
        "-c",
        "'\(dump)/pg_dump' -d '\(target.url)' | '\(dump)/psql' -X -q -d '\(copy.url)' > /dev/null",
      ])
    var other = migrate
    other.environment["DATABASE_URL"] = copy.url
    let refused = try other("rollback --session latest --yes")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("restored from a dump"))
    let state = try targetState(target.url)
    // The same lower halves, an epoch earlier.
    try psql(target.url, "update migrate.chunk set xid = xid - (1::bigint << 32)")
    let old = try migrate("rollback --session latest --yes")
    #expect(old.exitCode == 1)
    #expect(old.errors.contains("above the limit of"))
    // As a restored backup leaves it.
    try psql(target.url, "update migrate.chunk set xid = null; delete from migrate.write")
    let forgotten = try migrate("rollback --session latest --yes")
    #expect(forgotten.exitCode == 1)
    #expect(forgotten.errors.contains("was restored from a backup"))
    #expect(try number(target, "select count(*) from migrate.rollback") == 0)
    #expect(try targetState(target.url) == state)
  }

  @Test func aSequenceThatOthersUsedStays() throws {
    let (target, migrate) = try RollbackWorld.copy()
    let next = try number(target, "select nextval('inventory_id_seq')")
    #expect(try migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try number(target, "select last_value from inventory_id_seq") == next)
    #expect(try migrate("rollback verify").exitCode == 0)
  }
}
