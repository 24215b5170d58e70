import Foundation
import MigrationCore
import TestSupport
import Testing

/// A rollback that deleted less than was loaded says so, and its proof checks what is there now.
@Suite struct RollbackProofTests {
  private let source: TemporaryDatabase
  private let target: TemporaryDatabase
  private let migrate: Migrate

  init() throws {
    let fixture = try TriggersFixture("title: \"shop\"")
    (source, target, migrate) = (fixture.source, fixture.target, fixture.migrate)
    let run = try migrate("run")
    guard run.exitCode == 0 else { throw SubprocessFailure(description: run.errors) }
  }

  private func count(_ table: String, _ condition: String = "true") throws -> Int {
    Int(try psql(target.url, "select count(*) from \(table) where \(condition)")) ?? -1
  }

  @Test(arguments: [
    ("delete from items where id in (20001, 20002)", Int32(4)),
    ("update items set name = 'x' where id = 20001", 0),
    ("delete from items where id = 20001; insert into items values (1, 10001, 'new')", 4),
    ("insert into items values (1, 10001, 'new')", 0),
    // Rewritten, and the same.
    ("alter table items alter column name type varchar", 0),
    ("", 0),
  ])
  func theProofLooksAtTheRowsThatWereLeft(_ change: String, _ exitCode: Int32) throws {
    #expect(try migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try migrate("rollback verify").exitCode == 0)
    if !change.isEmpty { try psql(target.url, change) }
    let verified = try migrate("rollback verify")
    #expect(verified.exitCode == exitCode, "\(verified.output)")
  }

  @Test func rowsThatWereDeletedAreCounted() throws {
    #expect(try migrate("rollback --session latest --yes").exitCode == 0)
    try psql(target.url, "delete from items where id in (20001, 20002)")
    let verified = try migrate("rollback verify")
    #expect(verified.exitCode == 4)
    #expect(verified.output.contains("2 of 100 rows missing"))
  }

  @Test func aTableThatWasWrittenAnewIsNotRolledBackInSilence() throws {
    try psql(target.url, "alter table items alter column id type bigint")
    let state = try targetState(target.url)
    for command in ["rollback --table items --dry-run", "rollback --table items --yes"] {
      let refused = try migrate(command)
      #expect(refused.exitCode == 1, "\(refused.output)")
      #expect((refused.output + refused.errors).contains("which loaded 1,500 rows"))
      #expect((refused.output + refused.errors).contains("--force"))
    }
    #expect(try targetState(target.url) == state)
    // What was refused can still be forced.
    let forced = try migrate("rollback --table items --force --yes")
    #expect(forced.exitCode == 0, "\(forced.errors)")
    #expect(try count("items") == 100)
    #expect(try migrate("rollback verify").exitCode == 0)
  }

  @Test func rowsThatWereNotThereAnyMoreAreTold() throws {
    try psql(target.url, "delete from items where id between 1 and 7")
    let (exitCode, record) = try migrate.json("rollback --table items --yes")
    #expect(exitCode == 0)
    guard case .array(let tables)? = record["tables"] else { return }
    #expect(tables.first?["rowsMissing"] == 7)
    let verified = try migrate("rollback verify")
    #expect(verified.exitCode == 0)
    #expect(verified.output.contains("7 loaded rows not in the target"))
  }

  /// Rows that a rollback kept can be taken after the next run, too; rows of others never.
  @Test(arguments: [false, true])
  func whatWasKeptIsTakenByALaterForce(_ runsAgain: Bool) throws {
    try psql(
      target.url,
      """
      update items set name = 'changed' where id in (3, 4) or id = 20001;
      insert into items values (9999, 10001, 'of others');
      """)
    #expect(try migrate("rollback --session latest --yes").exitCode == 1, "parents are referred to")
    let first = try migrate("rollback --last-step --yes")
    #expect(first.exitCode == 0, "\(first.errors)")
    #expect(try count("items", "id < 9999") == 2)
    if runsAgain {
      try psql(target.url, "update items set name = 'of others, too' where id = 20002")
      // Rows that were kept would come again in a table without a key, so that a run refuses.
      #expect(try migrate("run").exitCode == 1)
      let run = try migrate("run --force")
      #expect(run.exitCode == 5, "\(run.errors)")
      #expect(try count("items", "id < 9999") == TriggersFixture.items)
    }
    let forced = try migrate.json("rollback --last-step --force --yes")
    #expect(forced.exitCode == 0, "\(forced.document)")
    #expect(forced.document["rowsGone"] == .int(runsAgain ? TriggersFixture.items : 2))
    #expect(try count("items", "id < 9999") == 0)
    #expect(try count("items") == 101)
    #expect(try count("parents") == 50, "the step before stays")
    let verified = try migrate("rollback verify")
    #expect(verified.exitCode == 0, "\(verified.output)")
  }

  /// Another session has loaded rows of the same keys since: those are not what was kept.
  @Test func whatAnotherSessionLoadedIsNotWhatWasKept() throws {
    try psql(target.url, "update items set name = 'changed' where id in (3, 4)")
    #expect(try migrate("rollback --last-step --yes").exitCode == 0)
    try psql(target.url, "delete from items where id = 3")
    #expect(try migrate("run --fresh --empty-tables --yes").exitCode == 0)
    let state = try targetState(target.url)
    #expect(try migrate("rollback --session 1 --table items --force --yes").exitCode == 1)
    #expect(try targetState(target.url) == state)
  }

  /// A rollback that a failure stopped continues as it was begun.
  @Test func aStoppedRollbackKeepsItsForce() throws {
    try psql(
      target.url,
      """
      update parents set name = 'changed' where id = 1;
      create function no() returns trigger language plpgsql as $$ begin raise 'not now'; end $$;
      create trigger no before delete on parents for each row execute function no();
      """)
    #expect(try migrate("rollback --session latest --force --yes").exitCode == 1)
    #expect(try count("items") == 100)
    #expect(try count("parents") == 50)
    try psql(target.url, "drop trigger no on parents")
    let resumed = try migrate.json("rollback --resume --yes")
    #expect(resumed.exitCode == 0, "\(resumed.document)")
    #expect(resumed.document["force"] == true)
    #expect(try count("parents") == 10, "the changed row goes too")
    #expect(try migrate("rollback --resume --yes").exitCode == 1)
  }
}
