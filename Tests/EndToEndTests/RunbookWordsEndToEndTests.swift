import Foundation
import MigrationCore
import TestSupport
import Testing

/// What status, reports and logs say of runs that stopped, continued, or were tried again.
@Suite struct RunbookWordsEndToEndTests {
  private func stopped() throws -> TablesFixture {
    let fixture = try ErrorLimitEndToEndTests.fixture(
      #"limits: { warnAt: "5%", stopAt: "10%", leastRows: 200 },"#)
    #expect(try fixture.migrate("session start --name night").exitCode == 0)
    return fixture
  }

  private func row(_ table: String, _ text: String) -> [Substring] {
    text.split(separator: "\n").first { $0.hasPrefix(table + " ") }?.split(separator: " ") ?? []
  }

  @Test func aStoppedRunIsToldAsItIs() throws {
    let fixture = try stopped()
    let run = try fixture.migrate("run --parallel 1")
    #expect(run.exitCode == 6)
    #expect(run.output.contains("1 table is not begun: others"))
    #expect(!run.output.contains("0 read, 0 loaded"), "\(run.output)")
    #expect(!run.output.contains("more than one snapshot"), "\(run.output)")
    #expect(try fixture.migrate.json("run").document["consistent"] == true)
    let status = try fixture.migrate("status").output
    #expect(status.contains("nothing is running"))
    #expect(row("items", status).dropFirst().first == "unfinished", "\(status)")
    #expect(row("others", status).dropFirst().first == "pending", "\(status)")
  }

  @Test func rowsThatARetryLoadedAreNotToldAsQuarantined() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    #expect(try fixture.migrate("run").exitCode == 5)
    try psql(
      fixture.source.url, "update old_items set name = 'found' where id <= 1000 and name is null")
    #expect(try fixture.migrate("retry").exitCode == 5)
    let status = try fixture.migrate("status").output
    #expect(status.contains("7 rows are quarantined"), "\(status)")
    #expect(row("items", status).dropFirst(5).first == "7", "\(status)")
  }

  @Test func aResumedRunIsMeasuredByItsOwnRows() throws {
    let fixture = try stopped()
    #expect(try fixture.migrate("run --parallel 1").exitCode == 6)
    try fixture.changePlan(#"stopAt: "10%""#, #"stopAt: "90%""#)
    let (exitCode, report) = try fixture.migrate.json("run")
    #expect(exitCode == 5)
    let before = try number(
      fixture.target, "select sum(rows_read) from migrate.chunk where run = 1")
    #expect(before > 0)
    #expect(report["rowsReadByRun"] == .int(ErrorLimitEndToEndTests.rows + 50 - before))
  }

  @Test func moreRowsThanWereExpectedAreNoShareAboveAll() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(
      #"limits: { warnAt: "99%", stopAt: "100%" },"#)
    // The planner believes in 400 rows.
    try psql(
      fixture.source.url,
      "analyze; update pg_class set reltuples = 400 where relname = 'old_items'")
    var migrate = fixture.migrate
    migrate.environment["MIGRATION_PROGRESS_INTERVAL"] = "100ms"
    #expect(try migrate("run --parallel 1 --throttle 80%").exitCode == 5)
    let log = try String(contentsOfFile: migrate.folder.path + "/logs/migrate.log", encoding: .utf8)
    var told = 0
    for line in log.split(separator: "\n") where line.contains(#""event":"progress""#) {
      let words = try #require(JSONValue.parse(String(line))["message"]?.textValue)
        .split(separator: " ")
      let read = try #require(ungrouped(words[0]), "\(line)")
      let planned = try #require(ungrouped(words[2]), "\(line)")
      #expect(read <= planned, "\(line)")
      told += 1
    }
    #expect(told > 0)
  }

  /// A count as messages print it, with commas.
  private func ungrouped(_ text: some StringProtocol) -> Int? {
    Int(text.split(separator: ",").joined())
  }

  @Test func aSessionThatIsJustBegunIsConfigured() throws {
    let fixture = try stopped()
    let (exitCode, document) = try fixture.migrate.json("configure --batch-sizes items:77,others:5")
    #expect(exitCode == 0, "\(document)")
    let refused = try fixture.migrate("configure --batch-sizes itms:77")
    #expect(refused.exitCode == 2)
    #expect(refused.errors.contains("one of items, others"), "\(refused.errors)")
    #expect(try fixture.migrate("run --accept-rejects 20%").exitCode == 0)
    let chunks = try number(
      fixture.target,
      "select count(*) from migrate.chunk c join migrate.table_state t on t.id = c.table_id where name = 'others'"
    )
    #expect(chunks >= 10)
  }
}
