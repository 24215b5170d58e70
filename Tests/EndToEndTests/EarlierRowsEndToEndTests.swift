import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// No run loads rows once more that an earlier session has loaded, unless requested.
@Suite struct EarlierRowsEndToEndTests {
  private let fixture: TablesFixture
  private var migrate: Migrate { fixture.migrate }

  init() throws {
    fixture = try TablesFixture(
      tables: #"{ a: { from: "a", key: "id", sameColumns: ["id", "v"] } }"#,
      sourceSQL: """
        create table a (id int primary key, v text);
        insert into a select n, 'v' from generate_series(1, 600) n;
        create table b (id int primary key, v text);
        insert into b select n, 'w' from generate_series(1, 50) n;
        """,
      targetSQL: "create table a (id int, v text); create table b (id int, v text)")
  }

  private var planFile: String { migrate.folder.path + "/config/crm/plan.json5" }

  /// Changes the text of the plan.
  private func change(_ old: String, _ new: String) throws {
    let text = try String(contentsOfFile: planFile, encoding: .utf8)
    try text.replacingOccurrences(of: old, with: new)
      .write(toFile: planFile, atomically: true, encoding: .utf8)
  }

  private func rows(_ table: String = "a") throws -> String {
    try fixture.query("select count(*), count(distinct id) from \(table)")
  }

  /// Loads some of the rows, and stops.
  private func begin() throws {
    let gate = try Gate("a", fixture.target.url, place: "id", level: 50)
    let run = try BackgroundRun(migrate, "run --batch-size 10 --parallel 1")
    try gate.waitForHeld()
    #expect(try migrate.json("pause", ending: run, past: gate).exitCode == 0)
    #expect(run.end() == 7, "\(run.errors)")
    try gate.remove()
  }

  private func refused(_ line: String, _ words: String...) throws {
    let before = try rows()
    let run = try migrate(line)
    #expect(run.exitCode == 1, "\(line): \(run.errors)")
    for word in words + ["would load again", "--force", "--fresh --empty-tables"] {
      #expect(run.errors.contains(word), "\(word) in \(run.errors)")
    }
    #expect(try rows() == before)
  }

  @Test func anotherPlanDoesNotLoadTheRowsOfACompleteMigrationAgain() throws {
    #expect(try migrate("run").exitCode == 0)
    try change("\"v\"]", "\"v\"], chunk: 100")
    try refused("run", "session 1", "migrate rollback --session 1")
    #expect(try fixture.query("select count(*) from migrate.session") == "1")
    // A rehearsal says so as well.
    let tried = try migrate("run --dry-run")
    #expect(
      tried.errors.contains("session 1 (completed) has loaded rows into a"), "\(tried.errors)")
    #expect(try migrate("rollback --session 1 --yes").exitCode == 0)
    #expect(try migrate("run").exitCode == 0)
    #expect(try rows() == "600|600")
  }

  @Test func commentsAndBlanksMakeNoOtherPlan() throws {
    #expect(try migrate("run").exitCode == 0)
    try change("tables:", "/* a comment */\n  // another\n tables :")
    let again = try migrate("run")
    #expect(again.exitCode == 0 && again.output.contains("nothing is left to do"), "\(again)")
    #expect(try rows() == "600|600")
    // Nor for a session that is open.
    #expect(try migrate("run --fresh --empty-tables --yes --limit 100").exitCode == 1)
    #expect(try migrate("rollback --session 1 --yes").exitCode == 0)
    try begin()
    try change("/* a comment */", "/* another comment */")
    #expect(try migrate("run").exitCode == 0)
    #expect(try rows() == "600|600")
  }

  @Test func anAbandonedSessionIsNotLoadedAgain() throws {
    try begin()
    #expect(try migrate("session stop --abandon").exitCode == 0)
    try refused("run", "session 1 (abandoned)")
    #expect(try migrate("run --fresh --empty-tables --yes").exitCode == 0)
    #expect(try rows() == "600|600")
    // The rows of the first session are gone, whatever comes into the table.
    #expect(try migrate("rollback --session latest --yes").exitCode == 0)
    _ = try fixture.query("insert into a values (-1, 'mine')")
    #expect(try migrate("run").exitCode == 0)
    #expect(try rows() == "601|601")
  }

  @Test(arguments: [true, false]) func anotherNameOfThePlanIsTheSameTables(
    _ isOpen: Bool
  ) throws {
    if isOpen { try begin() } else { #expect(try migrate("run").exitCode == 0) }
    try change("name: \"crm\"", "name: \"other\"")
    try? FileManager.default.removeItem(
      atPath: migrate.folder.path + "/migration-checkpoint.json")
    try refused("run", "session 1 of crm (\(isOpen ? "open" : "completed"))")
    // Tables of that name in another schema are others.
    _ = try fixture.query("create schema s; create table s.a (id int, v text)")
    try change("source:", "target: { schema: \"s\" }, source:")
    #expect(try migrate("run").exitCode == 0)
    #expect(try rows("s.a") == "600|600")
  }

  /// Another plan may load a table that an open session has still to begin.
  @Test func anOpenSessionDoesNotLoadWhatAnotherHasLoadedMeanwhile() throws {
    #expect(try migrate("session start --name first").exitCode == 0)
    try change("name: \"crm\"", "name: \"other\"")
    #expect(try migrate("run").exitCode == 0)
    try change("name: \"other\"", "name: \"crm\"")
    try refused("run", "session 2 of other (completed)")
    #expect(try rows() == "600|600")
  }

  @Test func changedRowsThatARollbackKeptDoNotComeAgain() throws {
    #expect(try migrate("run").exitCode == 0)
    _ = try fixture.query("update a set v = 'changed' where id = 7")
    #expect(try migrate("rollback --session 1 --yes").exitCode == 0)
    #expect(try rows() == "1|1")
    try refused("run", "kept 1 row in a that may have changed", "migrate report rollback")
    _ = try fixture.query("delete from a")
    #expect(try migrate("run").exitCode == 0)
    #expect(try rows() == "600|600")
  }

  /// A rollback to a checkpoint keeps a changed row, and the chunk that it is of is loaded again.
  @Test func changedRowsThatARollbackToACheckpointKeptDoNotComeAgain() throws {
    let gate = try Gate("a", fixture.target.url, place: "id", level: 250)
    let run = try BackgroundRun(migrate, "run --batch-size 100 --parallel 1")
    try gate.waitForHeld()
    #expect(try migrate.json("pause", ending: run, past: gate).exitCode == 0)
    #expect(run.end() == 7, "\(run.errors)")
    try gate.remove()
    #expect(try migrate("session checkpoint middle").exitCode == 0)
    #expect(try migrate("run").exitCode == 0)
    _ = try fixture.query("update a set v = 'changed' where id in (500, 501)")
    let back = try migrate("rollback --checkpoint middle --yes")
    #expect(back.exitCode == 0, "\(back.errors)")
    #expect(try fixture.query("select count(*) from a where id > 400") == "2")
    try refused(
      "run", "kept 2 rows in a that may have changed", "delete those of them that come again")
    let tried = try migrate("run --dry-run")
    #expect(tried.errors.contains("kept 2 rows in a"), "\(tried.errors)")

    // One that was deleted is kept no longer; the other comes again because somebody says so.
    _ = try fixture.query("delete from a where id = 500")
    try refused("run", "kept 1 row in a")
    let forced = try migrate("run --force")
    #expect(forced.exitCode == 0, "\(forced.errors)")
    #expect(forced.errors.contains("kept 1 row in a"), "\(forced.errors)")
    #expect(try rows() == "601|600")
    #expect(try migrate("run").exitCode == 0)
    #expect(try rows() == "601|600")
  }

  @Test func whoeverSaysSoLoadsThemAgain() throws {
    #expect(try migrate("run").exitCode == 0)
    try change("\"v\"]", "\"v\"], chunk: 100")
    let forced = try migrate("run --force")
    #expect(forced.exitCode == 0)
    #expect(forced.errors.contains("are loaded again, or quarantined"), "\(forced.errors)")
    #expect(try rows() == "1200|600")
    try change("chunk: 100", "chunk: 200")
    #expect(try migrate("session start").exitCode == 1)
    #expect(try migrate("session start --force").exitCode == 0)
    #expect(try migrate("run").exitCode == 0)
    #expect(try rows() == "1800|600")
  }

  @Test func aTableThatIsNewInThePlanIsMovedAlone() throws {
    #expect(try migrate("run").exitCode == 0)
    try change(
      "tables: {", "tables: { b: { from: \"b\", key: \"id\", sameColumns: [\"id\", \"v\"] },")
    try refused("run", "run the other tables alone: migrate run b")
    #expect(try migrate("run b").exitCode == 0)
    #expect(try rows("b") == "50|50")
    try refused("run", "session 1")
    #expect(try rows() == "600|600")
  }

  /// Parts next to the whole, and next to each other, may load other rows: that is reported and not refused.
  @Test func partsAreTold() throws {
    #expect(try migrate("run a --where id<=100").exitCode == 0)
    let second = try migrate("run a --where id>100")
    #expect(second.exitCode == 0)
    #expect(second.errors.contains("migrate rollback --session 1"), "\(second.errors)")
    #expect(try rows() == "600|600")
    let whole = try migrate("run")
    #expect(whole.exitCode == 0 && whole.errors.contains("migrate rollback --session 2"))
  }

  @Test func rowsAreNotTriedAgainByAnotherPlan() throws {
    _ = try fixture.query("alter table a add check (v <> 'bad')")
    try psql(fixture.source.url, "update a set v = 'bad' where id in (2, 3)")
    #expect(try migrate("run").exitCode == 5)
    try psql(fixture.source.url, "update a set v = 'good' where id in (2, 3)")
    try change("\"v\"]", "\"v\"], chunk: 100")
    let refused = try migrate("retry")
    #expect(refused.exitCode == 3, "\(refused.errors)")
    #expect(refused.errors.contains("the plan has changed since session 1"), "\(refused.errors)")
    #expect(try rows() == "598|598")
    try change(", chunk: 100", " // as it was\n")
    #expect(try migrate("retry").exitCode == 0)
    #expect(try rows() == "600|600")
  }
}
