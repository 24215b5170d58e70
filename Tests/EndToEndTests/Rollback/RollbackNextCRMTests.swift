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
    // One junction goes by itself.
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
}
