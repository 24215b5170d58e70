import MigrationCore
import TestSupport
import Testing

/// A trigger of the target that drops rows in silence is found by every way in which rows are written.
@Suite struct DroppedRowsEndToEndTests {
  private static let drops = """
    create function drops() returns trigger language plpgsql as 'begin return null; end';
    """

  private static func trigger(_ event: String, on table: String, when condition: String) -> String {
    """
    create trigger drops before \(event) on \(table) for each row when (\(condition))
      execute function drops()
    """
  }

  /// Papers 1 to 5, and pairs of them with bills, of which two refer to a bill that comes later.
  private func pairs(_ more: String = "") throws -> TablesFixture {
    try TablesFixture(
      tables: """
        {
          papers: { from: "old_papers", key: "id", columns: { id: { id: "papers", from: "id" } } },
          pairs: {
            merge: "union",
            feeds: [{
              from: "old_pairs", key: [],
              columns: {
                paper: { reference: "papers", by: { id: { id: "papers", from: "paper" } } }, bill: "bill",
              },
            }],
          },
        }
        """,
      sourceSQL: """
        create table old_papers (id integer primary key);
        insert into old_papers select generate_series(1, 5);
        create table old_pairs (paper integer, bill integer);
        insert into old_pairs values (1, 1), (1, 1), (2, 2), (3, 3), (7, 7), (8, 8);
        """,
      targetSQL: """
        create table papers (id uuid primary key);
        create table pairs (
          paper uuid references papers, bill integer, primary key (paper, bill));
        \(Self.drops)\(more)
        """)
  }

  @Test func theRowsOfAMergedTable() throws {
    let fixture = try pairs(Self.trigger("insert", on: "pairs", when: "new.bill = 2"))
    let failed = try fixture.migrate("run")
    #expect(failed.exitCode == 1)
    #expect(failed.errors.contains("3 rows were sent, and the server accepted 2"))
    #expect(try fixture.query("select count(*) from pairs") == "0")
    #expect(try fixture.migrate.json("status").document["status"] != "completed")
    _ = try fixture.query("drop trigger drops on pairs")
    #expect(try fixture.migrate("run").exitCode == 5)
    #expect(try fixture.query("select count(*) from pairs") == "3")
    #expect(try fixture.migrate("validate --fingerprint").exitCode == 0)
  }

  @Test func theOrphansOfAMergedTableThatAreTriedAgain() throws {
    let fixture = try pairs()
    #expect(try fixture.migrate("run").exitCode == 5)
    _ = try fixture.query(
      "insert into papers select (key->>'paper')::uuid from migrate.quarantine")
    _ = try fixture.query(Self.trigger("insert", on: "pairs", when: "new.bill = 7"))
    let failed = try fixture.migrate("retry")
    #expect(failed.exitCode == 1)
    #expect(failed.errors.contains("2 rows were sent, and the server accepted 1"))
    let state =
      "select (select count(*) from pairs), count(*) filter (where status = 'open')"
      + " from migrate.quarantine"
    #expect(try fixture.query(state) == "3|2")
    _ = try fixture.query(
      """
      drop trigger drops on pairs;
      insert into pairs select (key->>'paper')::uuid, 8 from migrate.quarantine
        where key->>'bill' = '8'
      """)
    // One that is there already is no row that was dropped.
    #expect(try fixture.migrate("retry").exitCode == 0)
    #expect(try fixture.query(state) == "5|0")
  }

  @Test(arguments: ["text", "interval"])
  func rowsThatAreTriedAgain(type: String) throws {
    let value = type == "text" ? "'seven'" : "'24 hours'"
    let fixture = try TablesFixture(
      tables:
        "{ items: { from: \"items\", key: \"id\", sameColumns: [\"id\", \"word\", \"value\"] } }",
      sourceSQL: """
        create table items (id integer primary key, word text, value \(type));
        insert into items select n, case when n in (3, 4) then 'too long' else 'a' end, \(value)
          from generate_series(1, 9) n;
        """,
      targetSQL: """
        create table items (id integer primary key, word varchar(3), value \(type));
        \(Self.drops)
        """)
    #expect(try fixture.migrate("run").exitCode == 5)
    try psql(fixture.source.url, "update items set word = 'b'")
    _ = try fixture.query(Self.trigger("insert", on: "items", when: "new.id = 4"))
    let failed = try fixture.migrate("retry")
    #expect(failed.exitCode == 1)
    #expect(failed.errors.contains("2 rows were sent, and the server accepted 1"))
    let state =
      "select (select count(*) from items), count(*) filter (where status = 'open')"
      + " from migrate.quarantine"
    #expect(try fixture.query(state) == "7|2")
    _ = try fixture.query("drop trigger drops on items")
    #expect(try fixture.migrate("retry").exitCode == 0)
    #expect(try fixture.query(state) == "9|0")
    #expect(try fixture.migrate("validate --fingerprint").exitCode == 0)
  }

  /// - Parameter word: what the trigger gives back instead of the row that is to be written.
  @Test(arguments: ["null", "old"])
  func referencesThatBecomeNullLate(word: String) throws {
    let fixture = try TablesFixture(
      tables: """
        {
          nodes: {
            from: "nodes", key: "id",
            columns: {
              id: { id: "nodes", from: "id" }, number: "id",
              parent: {
                reference: "nodes", by: { id: { id: "nodes", from: "parent" } }, orphan: "null",
              },
            },
          },
        }
        """,
      sourceSQL: """
        create table nodes (id integer primary key, parent integer);
        insert into nodes values (1, null), (2, 1), (3, 99), (4, 98);
        """,
      targetSQL: """
        create table nodes (id uuid primary key, number integer, parent uuid);
        create function keeps() returns trigger language plpgsql as 'begin return \(word); end';
        create trigger keeps before update on nodes for each row when (old.number = 3)
          execute function keeps();
        """)
    let failed = try fixture.migrate("run")
    #expect(failed.exitCode == 1)
    #expect(failed.errors.contains("nodes.parent"))
    #expect(try fixture.query(Self.orphans) == "2")
    _ = try fixture.query("drop trigger keeps on nodes")
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(try fixture.query(Self.orphans) == "0")
    #expect(try fixture.migrate("validate --fingerprint").exitCode == 0)
  }

  private static let orphans =
    "select count(*) from nodes n where parent is not null and not exists (select from nodes p where p.id = n.parent)"
}
