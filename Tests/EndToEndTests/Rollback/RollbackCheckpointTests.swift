import Foundation
import MigrationCore
import TestSupport
import Testing

/// Back to a moment in the middle of a table, and forward again.
@Suite struct RollbackCheckpointTests {
  @Test func chunksAndRetriesSinceThenGoAndComeAgain() throws {
    let target = try TemporaryDatabase("undopoint", copying: try RollbackWorld.before.get())
    let legacy = try RollbackWorld.makeSource()
    var migrate = try Undisturbed.prepared(source: legacy.url, target: target.url)
    migrate.environment["MIGRATION_BATCH_SIZE"] = "50"
    let gate = try Gate("customers", target.url)
    let run = try BackgroundRun(migrate, "run --all")
    try run.waitForChunks(5, in: target)
    #expect(try migrate.json("pause", ending: run, past: gate).exitCode == 0)
    #expect(run.end() == 7)
    try gate.remove()
    // The row counts in the middle, and the rows that they speak of.
    let books = """
      select t.name, sum(c.rows_loaded), sum(c.rows_quarantined), count(*)
      from migrate.chunk c join migrate.table_state t on t.id = c.table_id
      where c.status = 'done' group by 1 order by 1
      """
    #expect(try migrate("session checkpoint middle").exitCode == 0)
    #expect(try migrate("session checkpoint middle").exitCode == 1)
    #expect(try migrate("session checkpoint customers_completed").exitCode == 1)
    let (middle, done) = (try targetState(target.url), try psql(target.url, books))

    #expect(try migrate("run --all").exitCode == 5)
    let contents = try self.contents(of: target, migrate)
    try psql(
      legacy.url, "update legacy_customers set company_name = 'Mended' where company_name is null")
    #expect(try migrate("retry").exitCode == 5)
    #expect(try number(target, "select count(*) from customers where company_name = 'Mended'") > 0)

    let preview = try migrate.json("rollback --checkpoint middle --dry-run")
    guard case .array(let tables)? = preview.document["tables"] else { return }
    #expect(tables.contains { $0["table"] == "customers" && $0["part"] == .bool(true) })
    let rolledBack = try migrate("rollback --checkpoint middle --yes")
    #expect(rolledBack.exitCode == 0, "\(rolledBack.errors)")
    #expect(try migrate("rollback verify").exitCode == 0)
    #expect(try targetState(target.url) == middle)
    #expect(try psql(target.url, books) == done)
    #expect(
      try number(target, "select count(*) from migrate.quarantine where status <> 'open'") == 0)

    try psql(
      legacy.url, "update legacy_customers set company_name = null where company_name = 'Mended'")
    #expect(try migrate("run --all").exitCode == 5)
    #expect(try self.contents(of: target, migrate) == contents)
    #expect(try migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try targetState(target.url) == RollbackWorld.beforeState.get())
  }

  /// Whoever writes an entry of the quarantine does not hide which retry closed it.
  @Test func aRetryIsTakenBackWhoeverWroteItsEntrySince() throws {
    var fixture = try TablesFixture(
      tables: "{ a: { from: \"a\", key: \"id\", sameColumns: [\"id\", \"v\"] } }",
      sourceSQL:
        "create table a (id int primary key, v text); insert into a values (1, '1'), (2, 'x')",
      targetSQL: "create table a (id int primary key, v int)")
    fixture.migrate.environment["MIGRATION_BATCH_SIZE"] = "1"
    #expect(try fixture.migrate("run").exitCode == 5)
    #expect(try fixture.migrate("session checkpoint middle").exitCode == 0)
    try psql(fixture.source.url, "update a set v = '2' where id = 2")
    #expect(try fixture.migrate("retry").exitCode == 0)
    try psql(fixture.target.url, "update migrate.quarantine set hint = hint")
    let gone = try fixture.migrate("rollback --checkpoint middle --yes")
    #expect(gone.exitCode == 0, "\(gone.errors)")
    #expect(try fixture.query("select id from a") == "1")
    #expect(try fixture.query("select status from migrate.quarantine") == "open")
  }

  /// The quarantine keeps how often rows were tried, also when that is taken back; its size does not.
  private func contents(
    of target: TemporaryDatabase, _ migrate: Migrate
  ) throws -> [String: String] {
    var contents = try Undisturbed.contents(of: target.url, migrate)
    contents["quarantine"] = contents["quarantine"].map { String($0.prefix { $0 != " " }) }
    return contents
  }
}
