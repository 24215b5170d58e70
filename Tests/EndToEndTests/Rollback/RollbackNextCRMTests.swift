import Foundation
import MigrationCore
import TestSupport
import Testing

/// All of NextCRM out again: tables in circles, references that became null late, and junctions
/// whose rows two lists knew.
@Suite struct RollbackNextCRMTests {
  @Test func everyTableIsAsItWasAndComesAgain() throws {
    let fixture = try NextCRMFixture(isLive: false)
    let (migrate, target) = (fixture.migrate, fixture.target)
    #expect(try migrate("db migrate --plan nextcrm").exitCode == 0)
    let before = try targetState(target.url)
    #expect(try migrate("mongo-to-postgres").exitCode == 5)
    let after = try targetState(target.url)
    #expect(try number(target, "select count(*) from migrate.merge_total where kept > 0") > 0)
    try expectCorruptedRowsComeAgain(migrate, target)
    // One junction goes on its own.
    let junction = try psql(
      target.url,
      """
      select t.name from migrate.table_state t join migrate.merge_total m on m.table_id = t.id
      where m.kept > 0 order by 1 limit 1
      """)
    #expect(try migrate("rollback --table \(junction) --yes").exitCode == 0)
    #expect(try number(target, "select count(*) from \"\(junction)\"") == 0)
    #expect(try migrate("mongo-to-postgres").exitCode == 5)
    #expect(try targetState(target.url).count == after.count)

    let rolledBack = try migrate("rollback --session latest --yes")
    #expect(rolledBack.exitCode == 0, "\(rolledBack.errors)")
    #expect(try targetState(target.url) == before)
    #expect(try migrate("rollback verify").exitCode == 0)
  }

  /// Rows of documents that were spoilt are reported, deleted and loaded again; a junction's can't be.
  private func expectCorruptedRowsComeAgain(
    _ migrate: Migrate, _ target: TemporaryDatabase
  ) throws {
    let contents = """
      select md5(string_agg(t::text, chr(10) order by id)) from "tasksComments" t;
      select md5(string_agg(t::text, chr(10) order by id)) from "TodoList" t
      """
    let sound = try psql(target.url, contents)
    try psql(
      target.url,
      """
      update "tasksComments" set comment = comment || '.' where id = (
        select min(id::text)::uuid from "tasksComments");
      delete from "TodoList" where id = (select max(id::text)::uuid from "TodoList");
      """)
    let taken = try migrate.json("rollback --corrupted --yes --plan nextcrm")
    #expect(taken.exitCode == 0, "\(taken.document)")
    #expect(taken.document["rows"] == 2)
    #expect(try migrate.json("retry --plan nextcrm").exitCode == 5)
    #expect(try psql(target.url, contents) == sound)
    #expect(try migrate("validate --fingerprint --plan nextcrm").exitCode == 0)

    let merged = try TemporaryDatabase("merged", copying: target)
    var other = migrate
    other.environment["DATABASE_URL"] = merged.url
    try psql(
      merged.url,
      """
      delete from "BoardWatchers" where ctid = (select min(ctid) from "BoardWatchers")
      """)
    let refused = try other("rollback --corrupted --yes --plan nextcrm")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("equal rows of its feeds are merged"))
  }
}
