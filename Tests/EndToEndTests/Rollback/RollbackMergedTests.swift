import MigrationCore
import TestSupport
import Testing

/// A merged table with rows that the target had before: no rollback takes one of them.
@Suite struct RollbackMergedTests {
  private static let tables = """
    {
      parents: { from: "parents", key: "id", sameColumns: ["id"] },
      m: { from: "m", key: [], merge: "union",
        columns: { x: { reference: "parents", by: { id: "x" } }, y: "y" } },
    }
    """

  /// - Parameter y: the type of a column whose equal values may be written in several ways.
  private func fixture(_ y: String = "int", identity: String = "") throws -> TablesFixture {
    try TablesFixture(
      tables: Self.tables,
      sourceSQL: """
        create table parents (id int primary key);
        insert into parents values (1), (2), (3);
        create table m (x int not null, y \(y) not null);
        insert into m values (1, '1'), (2, '2'), (3, '3'), (9, '9')
        """,
      targetSQL: """
        create table parents (id int primary key);
        create table m (x int\(identity), y \(y), note text, primary key (x, y))
        """)
  }

  @Test(arguments: ["int", "numeric"]) func forceTakesNoneThatWasThereBefore(_ y: String) throws {
    let fixture = try fixture(y)
    let spelling = y == "numeric" ? "1.00" : "1"
    try psql(fixture.target.url, "insert into m values (1, \(spelling), 'mine before')")
    #expect(try fixture.migrate("run").exitCode == 5)
    #expect(try fixture.query("select count(*) from m") == "3")
    try psql(fixture.target.url, "update m set note = 'touched' where x in (1, 2)")

    let shown = try fixture.migrate.json("rollback --session latest --dry-run")
    #expect(shown.exitCode == 0)
    guard case .array(let tables)? = shown.document["tables"] else { return }
    #expect(tables.first { $0["table"] == "m" }?["changed"] == 1, "\(shown.document)")
    let gone = try fixture.migrate("rollback --session latest --force --yes")
    #expect(gone.exitCode == 0, "\(gone.output)\(gone.errors)")
    #expect(try fixture.query("select x, note from m") == "1|touched")
    let verified = try fixture.migrate("rollback verify")
    #expect(verified.exitCode == 0, "\(verified.output)")
  }

  /// A trigger changed the row in the very transaction that merged the others.
  @Test func rowsThatATriggerTouchedStay() throws {
    let fixture = try fixture()
    try psql(
      fixture.target.url,
      """
      insert into m values (1, 1, 'mine before');
      create function touch() returns trigger language plpgsql as $$
        begin update m set note = 'touched' where x = 1; return null; end $$;
      create trigger t after insert on m for each statement execute function touch()
      """)
    #expect(try fixture.migrate("run").exitCode == 5)
    #expect(try fixture.query("select note from m where x = 1") == "touched")
    try psql(fixture.target.url, "delete from m where x = 2")
    let gone = try fixture.migrate("rollback --session latest --yes")
    #expect(gone.exitCode == 0, "\(gone.output)\(gone.errors)")
    #expect(try fixture.query("select x, note from m") == "1|touched")
  }

  /// Another session inserted the row into the target before a retry could.
  @Test func forceTakesNoneThatARetryFound() throws {
    let fixture = try fixture()
    #expect(try fixture.migrate("run").exitCode == 5)
    try psql(
      fixture.target.url, "insert into parents values (9); insert into m values (9, 9, 'mine')")
    #expect(try fixture.migrate("retry").exitCode == 0)
    try psql(fixture.target.url, "update m set note = 'touched' where x = 2")
    let gone = try fixture.migrate("rollback --table m --force --yes")
    #expect(gone.exitCode == 0, "\(gone.output)\(gone.errors)")
    #expect(try fixture.query("select x, note from m") == "9|mine")
  }

  /// A ledger of before this was noted does not know which rows were there.
  @Test func anOlderLedgerKeepsAllThatWereChanged() throws {
    let fixture = try fixture()
    try psql(fixture.target.url, "insert into m values (1, 1, 'mine before')")
    #expect(try fixture.migrate("run").exitCode == 5)
    try psql(
      fixture.target.url,
      "update m set note = 'touched' where x in (1, 2); update migrate.merge_total set present = null"
    )
    let refused = try fixture.migrate("rollback --session latest --force --yes")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("without recording earlier rows"), "\(refused.errors)")
    #expect(try fixture.migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try fixture.query("select x from m order by x") == "1\n2")
  }

  @Test func identityColumnsAreLoadedAndRetried() throws {
    let fixture = try fixture(identity: " generated always as identity")
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(try fixture.query("select string_agg(x::text, ' ' order by x) from m") == "1 2 3")
    try psql(fixture.target.url, "insert into parents values (9)")
    let retried = try fixture.migrate("retry")
    #expect(retried.exitCode == 0, "\(retried.errors)")
    #expect(try fixture.query("select string_agg(x::text, ' ' order by x) from m") == "1 2 3 9")
    #expect(try fixture.query("select nextval(pg_get_serial_sequence('m', 'x'))") == "10")
  }
}
