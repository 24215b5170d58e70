import Foundation
import MigrationCore
import TestSupport
import Testing

/// How many round trips to the target a run takes: with distance, they are the time.
@Suite struct RoundTripTests {
  /// What a run did, without what comes with time: signs of life and the writing of the checkpoint file.
  private struct Count {
    let turns: Int
    /// The target's statements.
    let work: ServerLog.Work
  }

  /// Runs a command through a proxy that counts.
  private func count(
    _ command: String, _ migrate: Migrate, _ target: TemporaryDatabase, exitCode: Int32,
    plans: Bool = false
  ) throws -> Count {
    let proxy = try CountingProxy(toServerOf: target.url)
    let ledger = "turns_" + UUID().uuidString.prefix(8).lowercased()
    var migrate = migrate
    migrate.environment["MIGRATION_LEDGER_SCHEMA"] = ledger
    migrate.environment["DATABASE_URL"] = proxy.url(target.url)
    try ServerLog.watch(target, plans: plans)
    let log = try ServerLog()
    let finished = try migrate(command)
    #expect(finished.exitCode == exitCode, "\(finished.errors)")
    let work = try log.work(naming: ledger)
    let withTime = work.count("heartbeat = clock_timestamp()") + work.count("- 1 AS last")
    return Count(turns: proxy.turns - withTime, work: work)
  }

  /// Runs a plan of small tables.
  private func run(_ tables: Int, rows: Int = 20, _ options: String = "") throws -> Count {
    let names = (1...tables).map { "t\($0)" }
    let fixture = try PlanFixture(
      source: names.map {
        "create table \($0) (id int primary key, a text);"
          + "insert into \($0) select n, 'x' || n from generate_series(1, \(rows)) n;"
      }.joined(),
      target: names.map { "create table \($0) (id int primary key, a text);" }.joined(),
      tables: "{"
        + names.map { #"\#($0): { from: "\#($0)", key: "id", columns: { id: "id", a: "a" } }"# }
        .joined(separator: ",") + "}")
    let count = try count(
      "run \(options)", fixture.migrate, fixture.target, exitCode: 0, plans: true)
    let loaded = names.map { "(select count(*) from \($0))" }.joined(separator: "+")
    #expect(try psql(fixture.target.url, "select \(loaded)") == "\(rows * tables)")
    return count
  }

  /// One before the chunks, three for the chunk, two after.
  @Test func aTableTakesTheSameFewRoundTripsHoweverManyThereAre() throws {
    let counts = try [10, 30, 90].map { try run($0) }
    let turns = counts.map(\.turns)
    #expect(turns[1] - turns[0] <= 20 * 6, "\(turns) round trips for 10, 30, 90 tables")
    #expect(turns[2] - turns[1] <= 60 * 6, "\(turns) round trips for 10, 30, 90 tables")
    #expect(turns[0] <= 10 * 6 + 110)
    let rows = counts.map(\.work.rows)
    #expect(rows[0] > 0)
    #expect(rows[2] - rows[1] < 4 * (rows[1] - rows[0]), "\(rows) rows in plans")
  }

  /// One to claim it and to begin its rows, one to end them, one to enter and commit.
  @Test func aChunkTakesThreeRoundTrips() throws {
    let few = try run(1, rows: 100, "--batch-size 10 --parallel 1")
    let many = try run(1, rows: 400, "--batch-size 10 --parallel 1")
    #expect(many.work.count(" COPY ") - few.work.count(" COPY ") == 30)
    #expect(many.turns - few.turns == 30 * 3, "\(few.turns) and \(many.turns) round trips")
  }

  @Test func theNextCRMPlanTakesFewRoundTrips() throws {
    let fixture = try NextCRMFixture(isLive: false)
    #expect(try fixture.migrate("db migrate").exitCode == 0)
    let dump = fixture.migrate.folder.path + "/clean"
    let sample = "sample --plan nextcrm --rows 300 --to dump:\(dump)"
    #expect(try fixture.migrate(sample).exitCode == 0)
    var migrate = fixture.migrate
    migrate.environment["MONGODB_URL"] = "dump:" + dump
    let count = try count("run --plan nextcrm", migrate, fixture.target, exitCode: 0)
    #expect(count.turns <= 400, "\(count.turns) round trips")
    #expect(count.work.count("<unnamed>: DELETE") == 0)
    #expect(count.work.count("SELECT version FROM") <= 6)
  }

  /// What was asked of a table before the first one is no longer true when its turn comes.
  @Test(arguments: [
    "alter table later alter a type varchar(3), alter b type bigint",
    "insert into later values (1, 'x', 0)",
    "create unique index on later (b)",
  ]) func aTableThatChangedSinceItWasAskedAboutIsAskedAgain(_ change: String) throws {
    let fixture = try PlanFixture(
      source: """
        create table first (id int primary key);
        insert into first select generate_series(1, 10);
        create table later (id int primary key, a text, b int);
        insert into later values (1, 'one', 7), (2, 'two', 7), (3, 'three', 8);
        """,
      target: """
        create table first (id int primary key);
        create table later (id int primary key, a text, b int);
        """,
      tables: """
        { first: { from: "first", key: "id", columns: { id: "id" } },
          later: { from: "later", key: "id", columns: { id: "id", a: "a", b: "b" } } }
        """, head: #"limits: { warnAt: "100%", stopAt: "100%" },"#)
    let gate = try Gate("first", fixture.target.url, place: "id", level: 5)
    let run = try BackgroundRun(fixture.migrate, "run")
    try gate.waitForHeld()
    try psql(fixture.target.url, change)
    try gate.open()
    // A text that is too long, a key that is there, a value that comes twice.
    #expect(run.end() == 5, "\(run.errors)")
    let rows = "select count(*) || ' ' || (select count(*) from migrate.quarantine) from later"
    let kept = change.hasPrefix("insert") ? "3 1" : "2 1"
    #expect(try psql(fixture.target.url, rows) == kept)
    let validated = try fixture.migrate("validate --layers counts,fingerprints")
    #expect(validated.exitCode == 0, "\(validated.output)")
  }

  /// Each of 40 chunks has a row whose boss is not there, which only shows when all rows are.
  @Test func lateOrphansAreQuarantinedByOneStatement() throws {
    let ledger = "turns_" + UUID().uuidString.prefix(8).lowercased()
    var fixture = try PlanFixture(
      source: """
        create table people (id int primary key, boss int);
        insert into people select n, case n % 10 when 5 then 9000 + n else n / 10 * 10 + 1 end
          from generate_series(0, 399) n
        """,
      target: "create table people (id int primary key, boss int references people)",
      tables: """
        { people: { from: "people", key: "id", loading: { setAside: "always" },
            columns: { id: "id", boss: { reference: "people", by: { id: "boss" }, orphan: "quarantine" } } } }
        """, head: #"limits: { warnAt: "100%", stopAt: "100%" },"#)
    fixture.migrate.environment["MIGRATION_LEDGER_SCHEMA"] = ledger
    try ServerLog.watch(fixture.target)
    let log = try ServerLog()
    let finished = try fixture.migrate("run --batch-size 10")
    #expect(finished.exitCode == 5, "\(finished.errors)")
    #expect(
      try psql(
        fixture.target.url,
        "select count(*) || ' ' || count(distinct chunk) from \(ledger).quarantine") == "40 40")
    #expect(try psql(fixture.target.url, "select count(*) from people") == "360")
    let work = try log.work(naming: ledger)
    #expect(work.count("WITH entered AS") == 1)
    #expect(work.count("SELECT chunk, key::text") == 1)
    // When the log begins, and when the table has ended.
    #expect(work.count("DECLARE migrate_quarantine") == 2)
    let lines = try String(
      contentsOfFile: fixture.migrate.folder.path + "/migration-errors.log", encoding: .utf8)
    #expect(lines.split(separator: "\n").count == 40)
  }
}
