import Foundation
import MigrationCore
import TestSupport
import Testing

/// Rows that others changed are named, deleted, and loaded again as they were sent.
@Suite struct RollbackCorruptedTests {
  private func migrated(faulty: Int = 0, target: String = "") throws -> TriggersFixture {
    let fixture = try TriggersFixture("limits: {}", faulty: faulty, target: target)
    let run = try fixture.migrate("run")
    guard run.exitCode == (faulty > 0 ? 5 : 0) else {
      throw SubprocessFailure(description: run.output + run.errors)
    }
    return fixture
  }

  /// The checkpoint file of a migration with tables left keeps up with the ledger.
  @Test func theNextRunIsNotToldOfARestoredTarget() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    let migrate = fixture.migrate
    #expect(try migrate("run items").exitCode == 5)
    _ = try fixture.query("update items set name = 'damaged' where id in (5, 7, 9)")
    #expect(try migrate("rollback --corrupted --yes").exitCode == 0)
    #expect(try migrate("status --check").exitCode == 0)
    #expect(try migrate.json("status").document["openRows"] == 13)
    let next = try migrate("run")
    #expect(next.exitCode == 5)
    #expect(!next.errors.contains("was the target restored?"), "\(next.errors)")
  }

  private func contents(_ fixture: TriggersFixture) throws -> String {
    try psql(
      fixture.target.url,
      """
      select md5(string_agg(t::text, chr(10) order by id)) from items t;
      select md5(string_agg(t::text, chr(10) order by id)) from parents t
      """)
  }

  private func keys(_ document: JSONValue, of table: String) -> [String] {
    guard case .array(let tables)? = document["tables"],
      let found = tables.first(where: { $0["table"]?.textValue == table }),
      case .array(let keys)? = found["keys"]
    else { return [] }
    return keys.compactMap(\.textValue)
  }

  @Test func rowsThatWereChangedDeletedOrRenamedComeBackAsTheyWereSent() throws {
    let fixture = try migrated()
    let (migrate, target) = (fixture.migrate, fixture.target)
    let sound = try contents(fixture)
    #expect(try migrate("quarantine corrupted").exitCode == 0)
    #expect(try migrate("rollback --corrupted --yes").exitCode == 0)
    try psql(
      target.url,
      """
      update items set name = name || ' ' where id in (3, 700);
      delete from items where id = 11;
      update items set parent = 9 where id = 900;
      -- With rows from before beside it, nobody could tell that this one is as it was.
      update items set name = name where id = 50;
      """)
    let wanted = ["11 (gone)", "3 (name)", "50 (rewritten)", "700 (name)", "900 (parent)"]
    let state = try targetState(target.url)

    let trial = try migrate.json("quarantine corrupted --dry-run")
    #expect(trial.exitCode == 5)
    #expect(keys(trial.document, of: "items") == wanted)
    #expect(try number(target, "select count(*) from migrate.quarantine") == 0)
    for _ in 0..<2 {
      let noted = try migrate.json("quarantine corrupted")
      #expect(noted.exitCode == 5)
      #expect(keys(noted.document, of: "items") == wanted)
    }
    #expect(
      try psql(
        target.url,
        """
        select key, reason, column_name, row->>'name' from migrate.quarantine
        where status = 'corrupted' order by (key->>'id')::integer
        """)
          == """
          {"id": 3}|corrupted|name|item 3 
          {"id": 11}|gone||
          {"id": 50}|rewritten||item 50
          {"id": 700}|corrupted|name|item 700 
          {"id": 900}|corrupted|parent|item 900
          """)
    #expect(try targetState(target.url) == state)
    let shown = try migrate.json("errors --corrupted --details").document
    #expect(shown.compact.contains(#""code":"ERR_009""#))
    // What was noted hides nothing from a validation, and a retry leaves it alone.
    #expect(try migrate("validate --layers records --samples all").exitCode == 4)
    #expect(try migrate.json("retry").document["left"] == 0)

    let preview = try migrate.json("rollback --corrupted --dry-run")
    #expect(preview.exitCode == 0)
    #expect(keys(preview.document, of: "items") == wanted)
    #expect(try targetState(target.url) == state)
    #expect(try migrate("rollback --corrupted").exitCode == 2)
    #expect(try migrate("rollback --corrupted --last-step --yes").exitCode == 2)
    let taken = try migrate.json("rollback --corrupted --yes")
    #expect(taken.exitCode == 0, "\(taken.document)")
    #expect(taken.document["rows"] == 5)
    #expect(try fixture.brought("items") == TriggersFixture.items - 5)
    // Between the two the row counts say what is missing, and all that is left is as it was sent.
    #expect(try migrate("validate --fingerprint").exitCode == 0)
    #expect(try migrate("validate --layers counts").exitCode == 0)

    let retried = try migrate.json("retry")
    #expect(retried.exitCode == 0, "\(retried.document)")
    #expect(try contents(fixture) == sound)
    #expect(try migrate("validate --fingerprint").exitCode == 0)
    #expect(try migrate("validate --samples all").exitCode == 0)
    #expect(try migrate("status --check").exitCode == 0)
    #expect(try migrate("session show").output.contains("5 corrupted rows of items deleted"))
    #expect(try migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try fixture.brought("items") == 0)
  }

  @Test func aRowThatARetryBroughtIsBroughtOnceMore() throws {
    let fixture = try migrated(faulty: 20)
    let (migrate, target) = (fixture.migrate, fixture.target)
    try psql(fixture.source.url, "update old_items set name = 'mended' where name is null")
    #expect(try migrate("retry").exitCode == 0)
    let sound = try contents(fixture)
    try psql(target.url, "update items set name = 'x' where id in (5, 6, 300)")
    let taken = try migrate.json("rollback --corrupted --yes")
    #expect(taken.exitCode == 0, "\(taken.document)")
    #expect(taken.document["rows"] == 3)
    #expect(try migrate("retry").exitCode == 0)
    #expect(try contents(fixture) == sound)
    #expect(try migrate("validate --fingerprint").exitCode == 0)
    #expect(try migrate("validate --layers counts").exitCode == 0)
  }

  @Test func rowsThatWereSpoiltOnTheirWayAndRowsOfOthersAreToldApart() throws {
    let fixture = try migrated(target: TriggersFixture.spoils)
    let (migrate, target) = (fixture.migrate, fixture.target)
    try psql(
      target.url,
      "drop trigger spoils on items; insert into items values (99999, 10001, 'of others')")
    let taken = try migrate.json("rollback --corrupted --yes --table items")
    #expect(keys(taken.document, of: "items") == ["700 (name)"])
    #expect(taken.document.compact.contains(#""rowsOfOthers":1"#))
    #expect(taken.exitCode == 0, "\(taken.document.compact)")
    let retried = try migrate("retry")
    #expect(retried.exitCode == 0, "\(retried.output)\(retried.errors)")
    #expect(try psql(target.url, "select name from items where id = 700") == "item 700")
    #expect(try number(target, "select count(*) from items where id = 99999") == 1)
    // The origin of that row cannot be determined.
    let validated = try migrate.json("validate --fingerprint")
    #expect(validated.exitCode == 4)
    try psql(target.url, "delete from items where id = 99999")
    #expect(try migrate("validate --fingerprint").exitCode == 0)
  }

  @Test func rowsThatReferToOneStopItWithTheirNames() throws {
    let fixture = try migrated()
    let (migrate, target) = (fixture.migrate, fixture.target)
    try psql(target.url, "update parents set name = 'x' where id in (7, 8)")
    let state = try targetState(target.url)
    let preview = try migrate.json("rollback --corrupted --dry-run")
    #expect(preview.exitCode == 1)
    #expect(preview.document["obstacles"]?.compact.contains("items_parent_fkey") == true)
    let refused = try migrate("rollback --corrupted --yes")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("ERR_010"))
    #expect(
      refused.errors.contains("of public.items would become orphans of public.parents"))
    #expect(try targetState(target.url) == state)
    // With all that refers to it corrupted too, nothing is left behind.
    try psql(
      target.url,
      """
      update items set name = 'x' where parent in (7, 8);
      delete from items where parent = 8;
      """)
    #expect(try migrate("rollback --corrupted --yes").exitCode == 0)
    #expect(try migrate("retry").exitCode == 0)
    #expect(try migrate("validate --all").exitCode == 0)
  }

  @Test func aSourceThatHasChangedSinceMakesItRefuse() throws {
    let fixture = try migrated()
    let (migrate, target) = (fixture.migrate, fixture.target)
    try psql(target.url, "update items set name = 'x' where id = 3")
    try psql(fixture.source.url, "update old_items set name = 'newer' where id in (3, 4)")
    let state = try targetState(target.url)
    let refused = try migrate("rollback --corrupted --yes")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("its source has changed since"))
    #expect(refused.errors.contains("migrate rollback --table items"))
    #expect(try targetState(target.url) == state)
    #expect(try number(target, "select count(*) from migrate.quarantine") == 0)
  }
}
