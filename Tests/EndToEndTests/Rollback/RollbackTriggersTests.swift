import Foundation
import MigrationCore
import TestSupport
import Testing

/// A trigger of the target that writes other rows in the transactions of a migration: those rows show the
/// migration's transactions, and are not the migration's.
@Suite struct RollbackTriggersTests {
  /// Rows 1 to 20 are loaded, by a trigger that changes those from before, 1001 to 1004, in the same transaction.
  private func items() throws -> TablesFixture {
    let fixture = try TablesFixture(
      tables: "{ items: { from: \"items\", key: \"id\", sameColumns: [\"id\", \"part\"] } }",
      sourceSQL: """
        create table items (id integer primary key, part integer);
        insert into items select n, n % 2 from generate_series(1, 20) n;
        """,
      targetSQL: """
        create table items (id integer primary key, part integer, is_current boolean default true);
        insert into items select n, n % 2 from generate_series(1001, 1004) n;
        create function only_one() returns trigger language plpgsql as $$ begin
          update items set is_current = false
          where part = new.part and is_current and id > 1000;
          return new;
        end $$;
        create trigger only_one before insert on items for each row execute function only_one();
        """)
    #expect(try fixture.migrate("run").exitCode == 0)
    return fixture
  }

  private static let before = "1001|f, 1002|f, 1003|f, 1004|f"
  private static let rows =
    "select string_agg(id || '|' || is_current::text::char, ', ' order by id) from items"

  /// - Parameter sql: what others did before the rollback.
  @Test(arguments: [
    "", "delete from items where id = 3", "delete from items where id < 1000",
    "drop trigger only_one on items; delete from items where id in (3, 4)",
    "update items set part = 7 where id in (1, 1001)",
    "begin; update items set part = 9 where id = 5; rollback",
  ])
  func rowsThatItChangesStay(sql: String) throws {
    let fixture = try items()
    #expect(try fixture.migrate("validate --fingerprint").exitCode == 0)
    if !sql.isEmpty { _ = try fixture.query(sql) }
    let loaded = try fixture.query("select count(*) from items where id < 1000")
    let (exitCode, record) = try fixture.migrate.json("rollback --session latest --yes --force")
    #expect(exitCode == 0, "\(record)")
    #expect("\(record["rowsGone"]?.intValue ?? -1)" == loaded)
    #expect(record["tables"]?[0]?["rowsOfOthers"] == 4)
    #expect(try fixture.query(Self.rows) == Self.before)
    let verified = try fixture.migrate("rollback verify")
    #expect(verified.exitCode == 0, "\(verified.output)")
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(try fixture.query("select count(*) from items") == "24")
  }

  @Test func nothingIsTakenThatCantBeTold() throws {
    let fixture = try items()
    _ = try fixture.query("delete from items where id = 3; update items set part = 5 where id = 4")
    var blind = fixture.migrate
    blind.environment["SOURCE_DATABASE_URL"] = "postgres://nobody@127.0.0.1:\(try freePort())/x"
    let refused = try blind("rollback --session latest --yes --force")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("cannot distinguish changed rows"))
    let (exitCode, record) = try blind.json("rollback --session latest --yes")
    #expect(exitCode == 0)
    #expect(record["tables"]?[0]?["keptKeys"] == ["1001", "1002", "1003", "1004", "4"])
    #expect(try fixture.query("select count(*) from items where id > 1000 or id = 4") == "5")
    #expect(try blind("rollback verify").exitCode == 0)
  }

  /// A row counts its children: those that were loaded and one from before, of which a retry loads one.
  @Test func rowsThatARetryChangedByIt() throws {
    let fixture = try TablesFixture(
      tables:
        "{ items: { from: \"items\", key: \"id\", sameColumns: [\"id\", \"parent\", \"name\"] } }",
      sourceSQL: """
        create table items (id integer primary key, parent integer, name text);
        insert into items values (1, null, 'a'), (2, 1, 'b'), (3, 500, 'too long');
        """,
      targetSQL: """
        create table items (
          id integer primary key, parent integer, name varchar(5), children integer default 0);
        insert into items values (500, null, 'old'), (600, null, 'old');
        create function count_it() returns trigger language plpgsql as $$ begin
          update items set children = children + 1 where id = new.parent;
          return null;
        end $$;
        create trigger count_it after insert on items for each row execute function count_it();
        """)
    #expect(try fixture.migrate("run").exitCode == 5)
    try psql(fixture.source.url, "update items set name = 'ok' where id = 3")
    #expect(try fixture.migrate("retry").exitCode == 0)
    #expect(
      try fixture.migrate("validate --layers counts,records,fingerprints --samples all").exitCode
        == 0)
    let state = "select string_agg(id || ' ' || children, ', ' order by id) from items"
    #expect(try fixture.query(state) == "1 1, 2 0, 3 0, 500 1, 600 0")
    let (exitCode, record) = try fixture.migrate.json("rollback --session latest --yes")
    #expect(exitCode == 0, "\(record)")
    #expect(record["rowsGone"] == 3)
    #expect(try fixture.query(state) == "500 1, 600 0")
    #expect(try fixture.migrate("rollback verify").exitCode == 0)
  }

  /// Each item changes its parent, of which some are loaded and one was there, and adds one.
  @Test func rowsOfAnotherTableOfThePlan() throws {
    let fixture = try TablesFixture(
      tables: """
        {
          parents: { from: "parents", key: "id", sameColumns: ["id"] },
          items: { from: "items", key: "id", sameColumns: ["id", "parent"] },
        }
        """,
      head: "limits: { stopAt: \"100%\" },",
      sourceSQL: """
        create table parents (id integer primary key);
        create table items (id integer primary key, parent integer);
        insert into parents select generate_series(1, 9);
        insert into items select n, case n when 20 then 500 else n % 5 + 1 end from generate_series(1, 20) n;
        """,
      targetSQL: """
        create table parents (id integer primary key, children integer default 0);
        create table items (id integer primary key, parent integer references parents);
        insert into parents values (500), (600);
        create function count_it() returns trigger language plpgsql as $$ begin
          update parents set children = children + 1 where id = new.parent;
          insert into parents values (10000 + new.id);
          insert into items select 10000 + new.id, new.parent where new.id < 1000;
          return null;
        end $$;
        create trigger count_it after insert on items for each row when (new.id < 1000)
          execute function count_it();
        """)
    #expect(try fixture.migrate("run --all").exitCode == 0)
    _ = try fixture.query(
      "update items set parent = 600 where id > 10000; delete from items where id = 7")
    let (exitCode, record) = try fixture.migrate.json("rollback --session latest --yes")
    #expect(exitCode == 0, "\(record)")
    #expect(try fixture.query("select count(*) from parents where id < 500") == "0")
    #expect(
      try fixture.query(
        "select string_agg(id || ' ' || children, ', ' order by id) from parents where id between 500 and 600"
      )
        == "500 1, 600 0")
    #expect(
      try fixture.query("select count(*), count(*) filter (where id > 10000) from parents")
        == "22|20")
    #expect(
      try fixture.query("select count(*), count(*) filter (where id > 10000) from items") == "20|20"
    )
    #expect(try fixture.migrate("rollback verify").exitCode == 0)
  }

  /// The ledger has the key of a row that a rollback kept, and a trigger changes the row in the next run.
  @Test(arguments: [false, true])
  func whatWasKeptAndTouchedGoesByALaterForce(afterAnother: Bool) throws {
    let fixture = try TablesFixture(
      tables: """
        {
          words: { from: "words", key: "id", sameColumns: ["id"] },
          items: { from: "items", key: "id", sameColumns: ["id"] },
        }
        """,
      head: "limits: { warnAt: \"99%\", stopAt: \"100%\" },",
      sourceSQL: """
        create table words (id integer primary key);
        create table items (id integer primary key);
        insert into words select generate_series(1, 3);
        insert into items select generate_series(1, 20);
        """,
      targetSQL: """
        create table words (id integer primary key);
        create table items (id integer primary key, seen integer default 0);
        insert into items values (1001);
        create function sees() returns trigger language plpgsql as $$ begin
          update items set seen = seen + 1 where id in (3, 1001);
          return null;
        end $$;
        create trigger sees after insert on items for each row execute function sees();
        """)
    #expect(try fixture.migrate("run").exitCode == 0)
    _ = try fixture.query("update items set seen = -100 where id in (3, 4)")
    let kept = try fixture.migrate.json("rollback --last-step --yes").document
    #expect(kept["rowsGone"] == 18)
    #expect(kept["tables"]?[0]?["keptKeys"] == ["3", "4"])
    #expect(try fixture.migrate("run --force").exitCode == 5)
    #expect(try fixture.query("select seen > -100 from items where id = 3") == "t")
    if afterAnother {
      let again = try fixture.migrate.json("rollback --last-step --yes").document
      #expect(again["rowsGone"] == 18)
    }
    let (exitCode, record) = try fixture.migrate.json("rollback --last-step --force --yes")
    #expect(exitCode == 0, "\(record)")
    #expect(record["rowsGone"] == (afterAnother ? 2 : 20))
    #expect(try fixture.query("select string_agg(id::text, ',') from items") == "1001")
    #expect(try fixture.query("select count(*) from words") == "3")
    #expect(try fixture.migrate("rollback verify").exitCode == 0)
  }

  /// A row from before refers to nothing, and a trigger changes it while rows are loaded.
  @Test func noReferenceOfSuchARowBecomesNullLate() throws {
    let fixture = try TablesFixture(
      tables: """
        {
          nodes: {
            from: "nodes", key: "id",
            columns: {
              id: { id: "nodes", from: "id" },
              parent: {
                reference: "nodes", by: { id: { id: "nodes", from: "parent" } }, orphan: "null",
              },
            },
          },
        }
        """,
      sourceSQL: """
        create table nodes (id integer primary key, parent integer);
        insert into nodes values (1, null), (2, 1), (3, 99);
        """,
      targetSQL: """
        create table nodes (id uuid primary key, parent uuid, name text, seen integer default 0);
        insert into nodes select gen_random_uuid(), gen_random_uuid(), 'old';
        create function sees() returns trigger language plpgsql as $$ begin
          update nodes set seen = seen + 1 where name = 'old';
          return null;
        end $$;
        create trigger sees after insert on nodes for each row execute function sees();
        """)
    let parent = try fixture.query("select parent from nodes")
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 1)
    #expect(run.errors.contains("nodes.parent"))
    #expect(try fixture.query("select parent from nodes where name = 'old'") == parent)
    _ = try fixture.query("update nodes set parent = null where name = 'old'")
    #expect(try fixture.migrate("run").exitCode == 0)
    let (exitCode, record) = try fixture.migrate.json("rollback --session latest --yes")
    #expect(exitCode == 0, "\(record)")
    #expect(try fixture.query("select name from nodes") == "old")
  }
}
