import Foundation
import MigrationCore
import TestSupport
import Testing

/// `--empty-tables` says what it empties, and empties nothing else.
@Suite struct EmptyTablesEndToEndTests {
  private let fixture: TriggersFixture

  init() throws {
    fixture = try TriggersFixture(
      "title: \"shop\"",
      target: """
        create table old_items (reason text) inherits (items);
        insert into old_items select n, 10001, 'old ' || n, 'kept' from generate_series(30001, 30077) n;
        create table archive () inherits (old_items);
        """)
  }

  @Test func tablesThatInheritAreNotEmptiedWithTheirParent() throws {
    let state = try targetState(fixture.target.url)
    let refused = try fixture.migrate("run --fresh --empty-tables --yes")
    #expect(refused.exitCode == 1, "\(refused.errors)")
    #expect(refused.errors.contains("77 rows of public.old_items"))
    #expect(try targetState(fixture.target.url) == state)
    // Without rows nothing would be lost.
    try psql(fixture.target.url, "delete from old_items")
    let moved = try fixture.migrate("run --fresh --empty-tables --yes")
    #expect(moved.exitCode == 0, "\(moved.errors)")
    #expect(
      try psql(fixture.target.url, "select count(*) from items") == "\(TriggersFixture.items)")
  }

  @Test func theQuestionNamesDatabaseTablesAndRows() throws {
    try psql(fixture.target.url, "delete from old_items")
    let asked = try fixture.migrate("run --fresh --empty-tables")
    #expect(asked.exitCode == 2, "\(asked.errors)")
    #expect(asked.errors.contains("This deletes 110 rows from \(fixture.target.name)"))
    #expect(asked.errors.contains("public.items (100 rows)"))
    #expect(asked.errors.contains("public.parents (10 rows)"))
  }
}
