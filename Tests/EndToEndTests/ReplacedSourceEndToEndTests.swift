import Foundation
import Glibc
import Mongo
import MigrationCore
import TestSupport
import Testing

/// Chunks that are ranges of a file are not read from another file.
@Suite struct ReplacedSourceEndToEndTests {
  private func tables(_ sourceSQL: String = "") throws -> TablesFixture {
    try TablesFixture(
      tables: #"{ a: { from: "a", key: [], sameColumns: ["v", "w"] } }"#,
      sourceSQL: """
        create table \(sourceSQL.isEmpty ? "a" : "base") (v int, w text);
        insert into \(sourceSQL.isEmpty ? "a" : "base")
          select n, repeat('x', 100) || n from generate_series(1, 6000) n order by n desc;
        \(sourceSQL)
        """, targetSQL: "create table a (v int, w text)")
  }

  private func rows(_ fixture: TablesFixture) throws -> String {
    try fixture.query("select count(*), count(distinct v) from a")
  }

  /// Loads about the first rows, 200 of them as a rule, and stops.
  ///
  /// - Parameter place: how many rows come before one.
  private func begin(
    _ migrate: Migrate, _ target: TemporaryDatabase, place: String = "6000 - v", level: Int = 200
  ) throws {
    let gate = try Gate("a", target.url, place: place, level: level)
    let run = try BackgroundRun(migrate, "run --batch-size 50 --parallel 1")
    try gate.waitForHeld()
    let paused = try migrate.json("pause", ending: run, past: gate)
    #expect(paused.exitCode == 0, "\(paused.document.pretty)")
    #expect(run.end() == 7, "\(run.errors)")
    try gate.remove()
    #expect(try number(target, "select count(*) from migrate.chunk where status = 'done'") >= 2)
  }

  @Test(arguments: [
    "cluster a using i", "vacuum full a", "alter table a set unlogged",
    "begin; create table b as select * from a order by v; truncate a; insert into a select * from b; commit",
  ]) func aTableWithoutAKeyThatWasRewrittenIsNotGoneOnWith(_ change: String) throws {
    let fixture = try tables()
    try psql(fixture.source.url, "create index i on a (v)")
    try begin(fixture.migrate, fixture.target)
    let before = try rows(fixture)
    try psql(fixture.source.url, change)
    let refused = try fixture.migrate("run")
    #expect(refused.exitCode == 1, "\(refused.errors)")
    for word in ["rewritten or emptied", "migrate rollback --table a"] {
      #expect(refused.errors.contains(word), "\(refused.errors)")
    }
    #expect(try rows(fixture) == before)
    #expect(try fixture.migrate("rollback --table a --yes").exitCode == 0)
    let again = try fixture.migrate("run")
    #expect(again.exitCode == 0, "\(again.errors)")
    #expect(try rows(fixture) == "6000|6000")
  }

  @Test func rowsThatMovedToOtherBlocksAreNotReadByTheOldOnes() throws {
    let fixture = try tables()
    try begin(fixture.migrate, fixture.target)
    try psql(fixture.source.url, "insert into a values (6001, 'new')")
    try psql(fixture.source.url, "update a set w = w || 'y' where v % 3 = 0")
    try eventually("the update in the statistics") {
      try number(fixture.source, "select sum(n_tup_upd) from pg_stat_user_tables") == 2000
    }
    let refused = try fixture.migrate("run")
    #expect(
      refused.exitCode == 1 && refused.errors.contains("rows were updated"), "\(refused.errors)")
  }

  /// Room that rows have left in blocks that are read takes rows that no chunk would read any more.
  @Test(arguments: ["", "create index i on a (v)"])
  func rowsThatCameIntoBlocksThatAreReadAreNotLeftOut(_ index: String) throws {
    let fixture = try tables()
    if !index.isEmpty { try psql(fixture.source.url, index) }
    try begin(fixture.migrate, fixture.target)
    let before = try rows(fixture)
    try psql(fixture.source.url, "delete from a where v > 5900")
    try psql(fixture.source.url, "vacuum (disable_page_skipping) a")
    try psql(
      fixture.source.url,
      "insert into a select n, repeat('x', 100) || n from generate_series(6001, 6100) n")
    #expect(
      try psql(fixture.source.url, "select count(*) from a where v > 6000 and ctid < '(4,0)'")
        != "0")
    let refused = try fixture.migrate("run")
    #expect(refused.exitCode == 1, "\(refused.output)\(refused.errors)")
    for word in [
      "rows were inserted or updated in ranges that are loaded already",
      "migrate rollback --table a",
    ] {
      #expect(refused.errors.contains(word), "\(refused.errors)")
    }
    #expect(try rows(fixture) == before)
    #expect(try fixture.migrate("rollback --table a --yes").exitCode == 0)
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(try rows(fixture) == "6000|6000")
  }

  /// A row that goes from a block that is read to one that is not would be loaded twice.
  @Test func rowsThatWereInsertedAgainElsewhereAreNotLoadedTwice() throws {
    let fixture = try tables()
    try begin(fixture.migrate, fixture.target)
    try psql(
      fixture.source.url,
      "with gone as (delete from a where v > 5990 returning *) insert into a select * from gone")
    let refused = try fixture.migrate("run")
    #expect(refused.exitCode == 1, "\(refused.output)\(refused.errors)")
    #expect(
      refused.errors.contains(
        "10 loaded rows were deleted, and 10 rows inserted elsewhere, which may be the same"
      ),
      "\(refused.errors)")
  }

  /// Rows that are gone move no others.
  @Test func rowsThatWereDeletedAloneStopNothing() throws {
    let fixture = try tables()
    try begin(fixture.migrate, fixture.target)
    try psql(fixture.source.url, "delete from a where v > 5990 or v < 11")
    let again = try fixture.migrate("run")
    #expect(again.exitCode == 0, "\(again.errors)")
    #expect(try rows(fixture) == "5990|5990")
    let validation = try fixture.migrate("validate")
    #expect(validation.output.contains("5980"), "\(validation.output)")
  }

  /// What a later run has read it has seen, whatever the first one had.
  @Test func rowsThatALaterRunHasReadAreNoneThatCameLater() throws {
    let fixture = try tables()
    try begin(fixture.migrate, fixture.target)
    try psql(fixture.source.url, "delete from a where v between 3001 and 3100")
    try psql(fixture.source.url, "vacuum (disable_page_skipping) a")
    try psql(
      fixture.source.url,
      "insert into a select n, repeat('x', 100) || n from generate_series(6001, 6100) n")
    try begin(fixture.migrate, fixture.target, level: 3500)
    #expect(try fixture.query("select count(*) > 50 from a where v > 6000") == "t")
    let again = try fixture.migrate("run")
    #expect(again.exitCode == 0, "\(again.errors)")
    #expect(try rows(fixture) == "6000|6000")
  }

  /// New rows alone move none, if no block that is read has room for them.
  @Test func aTableWithoutAKeyThatGrewIsGoneOnWith() throws {
    let fixture = try tables()
    try begin(fixture.migrate, fixture.target)
    try psql(
      fixture.source.url,
      "insert into a select n, repeat('x', 100) || n from generate_series(6001, 6100) n")
    let again = try fixture.migrate("run")
    #expect(again.exitCode == 0, "\(again.errors)")
    #expect(try rows(fixture) == "6100|6100")
  }

  /// A table that a run had cut, and of which no row was loaded, is cut again.
  @Test func aTableOfWhichNothingWasLoadedIsCutAnew() throws {
    let fixture = try tables()
    let gate = try Gate("a", fixture.target.url, place: "v", level: 0)
    let run = try BackgroundRun(fixture.migrate, "run --batch-size 500 --parallel 1")
    try gate.waitForHeld()
    kill(run.pid, SIGKILL)
    _ = run.end()
    try gate.open()
    try psql(fixture.source.url, "vacuum full a")
    let again = try fixture.migrate("run")
    #expect(again.exitCode == 0, "\(again.errors)")
    #expect(try rows(fixture) == "6000|6000")
  }

  /// No lock keeps a materialized view from being refreshed while it is read.
  @Test func aMaterializedViewThatIsRefreshedMeanwhileIsTold() throws {
    let fixture = try tables("create materialized view a as select * from base order by v % 7, v")
    try begin(fixture.migrate, fixture.target, place: "v % 7 * 10000 + v / 7")
    try psql(fixture.source.url, "refresh materialized view a")
    let refused = try fixture.migrate("run")
    #expect(refused.exitCode == 1, "\(refused.errors)")
    #expect(refused.errors.contains("rewritten or emptied"), "\(refused.errors)")
  }

  private func documents() throws -> (DocumentsFixture, Migrate, file: String) {
    let fixture = try DocumentsFixture(
      tables: #"{ a: { from: "a", columns: { id: "_id", v: "v" } } }"#,
      targetSQL: "create table a (id int, v text)")
    try fixture.insert(
      "a",
      (1...2000).map { ["_id": BSONValue($0), "v": BSONValue(String(repeating: "x", count: 100))] })
    let dump = try fixture.dump("a")
    var migrate = fixture.migrate
    migrate.environment["MONGODB_URL"] = "dump:" + dump
    return (fixture, migrate, "\(dump)/\(fixture.database)/a.bson")
  }

  /// Puts two documents of a file in each other's place.
  private func swapDocuments(_ first: Int, _ second: Int, in file: String) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
    let size = bytes.count / 2000
    #expect(size * 2000 == bytes.count)
    for place in 0..<size { bytes.swapAt(first * size + place, second * size + place) }
    try Data(bytes).write(to: URL(filePath: file), options: .atomic)
  }

  @Test func aDumpThatIsAnotherOneIsNotGoneOnWith() throws {
    let (fixture, migrate, file) = try documents()
    try begin(migrate, fixture.target, place: "id")
    let before = try fixture.query("select count(*), count(distinct id) from a")
    try swapDocuments(100, 1900, in: file)
    let refused = try migrate("run")
    #expect(refused.exitCode == 1, "\(refused.errors)")
    for word in ["the dump is not the one that was loaded", "migrate rollback --table a"] {
      #expect(refused.errors.contains(word), "\(refused.errors)")
    }
    #expect(try fixture.query("select count(*), count(distinct id) from a") == before)
    // The same documents in another file are the same dump.
    try swapDocuments(100, 1900, in: file)
    let again = try migrate("run")
    #expect(again.exitCode == 0, "\(again.errors)")
    #expect(try fixture.query("select count(*), count(distinct id) from a") == "2000|2000")
  }

  @Test func aDumpThatIsReplacedWhileItIsReadIsTold() throws {
    let (fixture, migrate, file) = try documents()
    let gate = try Gate("a", fixture.target.url, place: "id", level: 200)
    let run = try BackgroundRun(migrate, "run --batch-size 50 --parallel 1")
    try gate.waitForHeld()
    try swapDocuments(100, 1900, in: file)
    try gate.open()
    #expect(run.end() == 1, "\(run.errors)")
    #expect(run.errors.contains("the dump is not the one that was loaded"), "\(run.errors)")
  }

  @Test func retryAndValidateSayThatTheDumpIsAnother() throws {
    let (fixture, migrate, file) = try documents()
    _ = try fixture.query("alter table a add check (id <> 5)")
    #expect(try migrate("run --batch-size 500").exitCode == 5)
    #expect(!(try migrate("validate").output.contains("not the one")))
    try swapDocuments(100, 1900, in: file)
    let validated = try migrate("validate")
    #expect(
      validated.output.contains("the dump is not the one that was loaded"), "\(validated.output)")
    let retried = try migrate("retry")
    #expect(retried.exitCode == 5)
    #expect(retried.errors.contains("the dump is not the one that was loaded"), "\(retried.errors)")
  }
}
