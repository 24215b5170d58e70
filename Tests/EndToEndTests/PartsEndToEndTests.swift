import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// Parts of the rows (`--limit`, `--where`): sessions that end on their own, besides the migration as a whole.
@Suite struct PartsEndToEndTests {
  private func fixture() throws -> TablesFixture {
    try TablesFixture(
      tables: """
        { parents: { from: "old_parents", key: "id", sameColumns: ["id", "name"] },
          items: { from: "old_items", key: "id", columns: {
            id: "id", name: "name",
            parent: { reference: "parents", by: { id: "parent" }, orphan: "quarantine" } } } }
        """,
      sourceSQL: """
        create table old_parents (id int primary key, name text);
        insert into old_parents select n, 'parent ' || n from generate_series(1, 20) n;
        create table old_items (id int primary key, parent int, name text);
        insert into old_items select n, 1 + n % 20, 'item ' || n from generate_series(1, 1000) n;
        """,
      targetSQL: """
        create table parents (id int primary key, name text);
        create table items (id int primary key, parent int references parents, name text);
        """)
  }

  private func counts(_ fixture: TablesFixture) throws -> String {
    try fixture.query("select (select count(*) from parents), (select count(*) from items)")
  }

  /// Begins a part and kills it in the middle.
  private func killedPart(_ fixture: TablesFixture) throws {
    let gate = try Gate("items", fixture.target.url, place: "id", level: 100)
    let run = try BackgroundRun(
      fixture.migrate, "run parents items --limit 400 --batch-size 20 --parallel 1")
    try run.killHeld(at: gate)
  }

  @Test func aPartEndsAndTheMigrationAsAWholeStaysInSight() throws {
    let fixture = try fixture()
    let migrate = fixture.migrate
    #expect(try migrate("run").exitCode == 0)
    try psql(
      fixture.source.url,
      "insert into old_items select n, 1, 'late ' || n from generate_series(1001, 1050) n")
    let part = try migrate.json("run items --where id>1000")
    #expect(part.exitCode == 0, "\(part.document)")
    #expect(part.document["part"] == true && part.document["session"] == 2)
    #expect(
      try fixture.query("select status from migrate.session order by id") == "completed\ncompleted")
    #expect(try migrate("run items --where id>1000").output.contains("nothing is left to do"))
    #expect(!fixture.exists("migration-checkpoint.json"))

    let status = try migrate.json("status").document
    #expect(status["session"] == 1 && status["status"] == "completed" && status["part"] == false)
    #expect(status["parts"]?[0]?["session"] == 2 && status["parts"]?[1] == nil)
    #expect(try migrate("status").output.contains("session 2 (a part: crm items where id>1000)"))
    #expect(try migrate("status --check").exitCode == 0)
    #expect(try migrate.json("session show").document["session"] == 1)

    #expect(try migrate("rollback --session 2 --yes").exitCode == 0)
    #expect(try counts(fixture) == "20|1000")
    #expect(try migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try counts(fixture) == "0|0")
    #expect(try migrate.json("status").document["parts"] == [])
  }

  /// Two parts of the same limit and other tables are two.
  @Test func aPartIsOfItsTables() throws {
    let fixture = try fixture()
    #expect(try fixture.migrate("run parents --limit 10").exitCode == 0)
    #expect(try fixture.migrate("run items --limit 10 --force").exitCode == 5)
    #expect(try counts(fixture) == "10|9")
    #expect(try fixture.migrate("errors --session 2").output.contains("orphan"))
  }

  @Test func anUnfinishedPartIsGoneOnWithAndKeepsOthersOut() throws {
    let fixture = try fixture()
    let migrate = fixture.migrate
    try killedPart(fixture)
    #expect(!fixture.exists("migration-checkpoint.json"))
    #expect(!fixture.exists("migration-errors.log"))
    for line in ["run", "run items --limit 5", "run items --where id<5"] {
      let refused = try migrate(line)
      #expect(refused.exitCode == 1)
      #expect(
        refused.errors.contains(
          "session 1 (a part: crm items,parents limit 400) of crm is not finished"),
        "\(line): \(refused.errors)")
      #expect(refused.errors.contains("migrate session stop 1 --abandon"))
    }
    let resumed = try migrate.json("resume")
    #expect(resumed.exitCode == 0 && resumed.document["session"] == 1, "\(resumed.document)")
    #expect(try counts(fixture) == "20|400")
    #expect(try fixture.query("select status from migrate.session") == "completed")

    // The whole says that rows of a part are there, which are duplicates for it.
    let whole = try migrate("run")
    #expect(whole.exitCode == 6 || whole.exitCode == 5, "\(whole.errors)")
    #expect(whole.errors.contains("migrate rollback --session 1"), "\(whole.errors)")
  }

  /// A part that begins again takes the place of those whose rows it empties away.
  @Test func aPartThatBeginsAnewReplacesTheOneBefore() throws {
    let fixture = try fixture()
    // The last items refer to parents behind the limit.
    #expect(try fixture.migrate("run parents items --limit 10").exitCode == 5)
    let again = try fixture.migrate(
      "run parents items --limit 15 --fresh --empty-tables --yes")
    #expect(again.exitCode == 5, "\(again.errors)")
    #expect(try counts(fixture) == "15|14")
    let status = try fixture.migrate.json("status").document
    #expect(status["session"] == 2 && status["parts"] == [], "\(status)")
    let whole = try fixture.migrate("run --fresh --empty-tables --yes")
    #expect(whole.exitCode == 0, "\(whole.errors)")
    #expect(!whole.errors.contains("are loaded again, or quarantined"))
    #expect(try counts(fixture) == "20|1000")
    #expect(try fixture.migrate.json("status").document["parts"] == [])
  }

  @Test func anUnfinishedPartCanBeGivenUp() throws {
    let fixture = try fixture()
    try killedPart(fixture)
    #expect(try fixture.migrate("session stop 1 --abandon").exitCode == 0)
    #expect(try fixture.migrate("run --fresh --empty-tables --yes").exitCode == 0)
    #expect(try counts(fixture) == "20|1000")
    try psql(fixture.target.url, "truncate migrate.session cascade; truncate parents, items")
    try killedPart(fixture)
    #expect(try fixture.migrate("run --fresh --empty-tables --yes").exitCode == 0)
    #expect(try counts(fixture) == "20|1000")
    #expect(
      try fixture.query("select string_agg(status, ',' order by id) from migrate.session")
        == "abandoned,completed")
  }

  /// What the whole has begun is not disturbed, and its checkpoint file stays its own.
  @Test func aPartWaitsForTheWhole() throws {
    let fixture = try fixture()
    let gate = try Gate("items", fixture.target.url, place: "id", level: 100)
    let run = try BackgroundRun(fixture.migrate, "run --batch-size 20 --parallel 1")
    try gate.waitForHeld()
    try run.stop(at: gate)
    #expect(run.end() == 7)
    try gate.remove()
    let file = fixture.migrate.folder.path + "/migration-checkpoint.json"
    let before = try String(contentsOfFile: file, encoding: .utf8)
    let part = try fixture.migrate("run items --limit 5 --force")
    #expect(part.exitCode == 1)
    #expect(part.errors.contains("session 1 of crm is not finished"), "\(part.errors)")
    #expect(try String(contentsOfFile: file, encoding: .utf8) == before)
    // A dry run changes nothing, and may check a part at any time.
    #expect(try fixture.migrate("run items --limit 5 --force --dry-run").exitCode == 5)
    #expect(try fixture.migrate("resume").exitCode == 0)
    #expect(try counts(fixture) == "20|1000")

    let emptied = try fixture.migrate("run items --limit 5 --fresh --empty-tables --yes")
    #expect(emptied.exitCode == 1)
    #expect(emptied.errors.contains("rows of the completed session 1"), "\(emptied.errors)")
    #expect(try counts(fixture) == "20|1000")
  }

  /// A table without a key is cut by blocks, and the limit holds for it too.
  @Test(arguments: [1, 250, 999, 5000]) func aLimitHoldsWithoutAKey(_ limit: Int) throws {
    let fixture = try TablesFixture(
      tables: #"{ people: { from: "old_people", key: [], columns: { name: "name" } } }"#,
      sourceSQL: """
        create table old_people (name text);
        insert into old_people select 'person ' || n from generate_series(1, 1200) n;
        delete from old_people where name like '%7';
        """, targetSQL: "create table people (name text)")
    let rows = min(limit, 1080)
    #expect(try fixture.migrate("run --limit \(limit) --batch-size 100").exitCode == 0)
    #expect(
      try fixture.query("select count(*), count(distinct name) from people") == "\(rows)|\(rows)")
  }
}
