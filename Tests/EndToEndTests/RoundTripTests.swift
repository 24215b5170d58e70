import Foundation
import MigrationCore
import TestSupport
import Testing

/// How many round trips to the target a run takes, counted by the server: with distance, they are the time.
@Suite struct RoundTripTests {
  /// Runs a plan of small tables, and returns what the sessions that wrote did.
  private func run(_ count: Int) throws -> ServerLog.Work {
    let names = (1...count).map { "t\($0)" }
    let ledger = "turns_" + UUID().uuidString.prefix(8).lowercased()
    var fixture = try PlanFixture(
      source: names.map {
        "create table \($0) (id int primary key, a text);"
          + "insert into \($0) select n, 'x' || n from generate_series(1, 20) n;"
      }.joined(),
      target: names.map { "create table \($0) (id int primary key, a text);" }.joined(),
      tables: "{"
        + names.map { #"\#($0): { from: "\#($0)", key: "id", columns: { id: "id", a: "a" } }"# }
        .joined(separator: ",") + "}")
    fixture.migrate.environment["MIGRATION_LEDGER_SCHEMA"] = ledger
    try ServerLog.watch(fixture.target, plans: true)
    let log = try ServerLog()
    let finished = try fixture.migrate("run")
    #expect(finished.exitCode == 0, "\(finished.errors)")
    #expect(
      try psql(fixture.target.url, "select sum(rows_loaded) from \(ledger).chunk")
        == "\(20 * count)")
    return try log.work(naming: ledger)
  }

  /// Signs of life come with time; all else with the tables.
  private func turns(_ work: ServerLog.Work) -> Int {
    work.statements.count { !$0.contains("heartbeat") && !$0.contains(".control") }
  }

  @Test func aTableTakesTheSameFewRoundTripsHoweverManyThereAre() throws {
    let works = try [10, 30, 90].map { try run($0) }
    let (few, more, many) = (turns(works[0]), turns(works[1]), turns(works[2]))
    #expect(more - few <= 20 * 20, "\(few), \(more), \(many) round trips for 10, 30, 90 tables")
    #expect(many - more <= 60 * 20, "\(few), \(more), \(many) round trips for 10, 30, 90 tables")
    #expect(few <= 10 * 20 + 120)
    let rows = works.map(\.rows)
    #expect(rows[0] > 0)
    #expect(rows[2] - rows[1] < 4 * (rows[1] - rows[0]), "\(rows) rows in plans")
  }

  @Test func theNextCRMPlanTakesFewRoundTrips() throws {
    let fixture = try NextCRMFixture(isLive: false)
    #expect(try fixture.migrate("db migrate").exitCode == 0)
    let ledger = "turns_" + UUID().uuidString.prefix(8).lowercased()
    var migrate = fixture.migrate
    migrate.environment["MIGRATION_LEDGER_SCHEMA"] = ledger
    try ServerLog.watch(fixture.target)
    let log = try ServerLog()
    let finished = try migrate("run --plan nextcrm")
    #expect(finished.exitCode == 5, "\(finished.errors)")
    let work = try log.work(naming: ledger)
    #expect(turns(work) <= 1300, "\(turns(work)) round trips")
    #expect(work.count("<unnamed>: DELETE") == 0)
    #expect(work.count("SELECT version FROM") <= 6)
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
