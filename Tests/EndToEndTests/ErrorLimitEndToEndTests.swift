import Foundation
import MigrationCore
import TestSupport
import Testing

/// A table with too many rejects stops every run until its rejects are accepted.
@Suite struct ErrorLimitEndToEndTests {
  static let rows = 3000
  /// Every sixth item lacks its name.
  static let bad = 500

  static func fixture(
    _ limits: String = #"limits: { warnAt: "5%", stopAt: "10%", leastRows: 200 },"#,
    every: Int = 6
  ) throws -> TablesFixture {
    var fixture = try TablesFixture(
      tables: """
        {
          items: { from: "old_items", key: "id", sameColumns: ["id"],
            columns: { name: { from: "name", required: true } } },
          others: { from: "old_others", key: "id", sameColumns: ["id"] },
        }
        """, head: limits,
      sourceSQL: """
        create table old_items (id integer primary key, name text);
        insert into old_items select n, case when n % \(every) > 0 then 'item ' || n end
        from generate_series(1, \(rows)) n;
        create table old_others (id integer primary key);
        insert into old_others select generate_series(1, 50);
        """,
      targetSQL: """
        create table items (id integer primary key, name text not null);
        create table others (id integer primary key);
        """)
    fixture.migrate.environment["MIGRATION_BATCH_SIZE"] = "100"
    return fixture
  }

  private func state(_ fixture: TablesFixture) throws -> String {
    try fixture.query(
      """
      select (select count(*) from items), (select count(*) from others),
        (select count(*) from migrate.chunk where status = 'done')
      """)
  }

  private func audit(_ fixture: TablesFixture) throws -> String {
    try String(
      contentsOfFile: fixture.migrate.folder.path + "/logs/migration-audit.log", encoding: .utf8)
  }

  @Test func everyRunStopsUntilSomebodyLetsTheTablePass() throws {
    let fixture = try Self.fixture()
    let migrate = fixture.migrate
    #expect(try migrate("run --parallel 1").exitCode == 6)
    let stopped = try state(fixture)
    for command in ["run", "run items", "resume", "restart", "run --accept-rejects 1%"] {
      let (exitCode, report) = try migrate.json(command)
      #expect(exitCode == 6, "\(command): \(report)")
      #expect(report["stop"]?["what"]?.textValue?.contains("rows of items were rejected") == true)
      #expect(report["acceptedRejects"] == [])
      #expect(try state(fixture) == stopped, "\(command) loaded more rows")
    }
    #expect(try migrate("run").output.contains("migrate resume --accept-rejects N%"))
    #expect(try migrate("run --accept-rejects 12.5%").exitCode == 6)

    let (exitCode, report) = try migrate.json("run --accept-rejects 20%")
    #expect(exitCode == 0, "\(report)")
    #expect(report["openRows"] == .int(Self.bad))
    #expect(report["acceptRejects"] == .double(0.2))
    let act = try #require(report["acceptedRejects"]?[0])
    #expect(act["table"] == "items")
    #expect(act["rejected"] == .int(Self.bad))
    #expect(act["rows"] == .int(Self.rows))
    #expect(act["act"] == "--accept-rejects 20%")
    #expect(try fixture.query("select count(*) from items") == "\(Self.rows - Self.bad)")

    // Audit log, receipt, session and validation have it.
    let lines = try audit(fixture)
    #expect(lines.contains("migrate run --accept-rejects 20%"))
    #expect(lines.contains(#""because":"rejects accepted: items: 500 of 3,000 rows"#))
    #expect(try migrate("audit verify").exitCode == 0)
    #expect(try migrate("receipt write --output receipt.json").exitCode == 0)
    let receipt = try JSONValue.parse(
      String(contentsOfFile: migrate.folder.path + "/receipt.json", encoding: .utf8))
    #expect(receipt["sections"]?[0]?["content"]?["acceptedRejects"]?[0] == act)
    #expect(receipt["sections"]?[0]?["content"]?["stopAt"] == "10%")
    #expect(try migrate("session show").output.contains(act["act"]?.textValue ?? "?"))
    let validated = try migrate.json("validate").document
    #expect(validated["summary"]?["acceptedRejects"]?[0] == act)
    // What is done is done; how many rows are accepted is asked of each run.
    #expect(try migrate("run").exitCode == 5)
    #expect(try migrate("run --accept-rejects 20%").exitCode == 0)
    #expect(try migrate("run --accept-rejects 16%").exitCode == 5)
  }

  @Test func rowsThatARetryLoadsNoLongerCount() throws {
    let fixture = try Self.fixture()
    #expect(try fixture.migrate("run --parallel 1").exitCode == 6)
    try psql(fixture.source.url, "update old_items set name = 'found' where name is null")
    #expect(try fixture.migrate("retry").exitCode == 0)
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(try fixture.query("select count(*) from items") == "\(Self.rows)")
  }

  @Test func aPlanThatAllowsMoreGoesOnAndIsNoted() throws {
    let fixture = try Self.fixture()
    #expect(try fixture.migrate("run --parallel 1").exitCode == 6)
    try fixture.changePlan(#"stopAt: "10%""#, #"stopAt: "20%""#)
    let (exitCode, report) = try fixture.migrate.json("run")
    #expect(exitCode == 5, "\(report)")
    let act = report["acceptedRejects"]?[0]?["act"]?.textValue
    #expect(act == "limits.stopAt of the plan, 20%; 10% when the session started")
    #expect(try audit(fixture).contains("limits.stopAt of the plan, 20%"))
    // Rules that make other rows are another plan all the same.
    let other = try Self.fixture()
    #expect(try other.migrate("run --parallel 1").exitCode == 6)
    try other.changePlan(#"key: "id""#, #"key: "id", where: "id > 5""#)
    #expect(try other.migrate("run").exitCode == 3)
  }

  @Test func resumeKeepsWhatTheRunWasAllowed() throws {
    let fixture = try Self.fixture()
    let first = try fixture.migrate.json("run --parallel 1 --accept-rejects 20% --max-rejects 300")
    #expect(first.exitCode == 6)
    #expect(first.document["stop"]?["what"]?.textValue?.contains("the limit of 300") == true)
    let before = try state(fixture)
    #expect(try fixture.migrate("run --max-rejects 10000").exitCode == 6)
    #expect(try state(fixture) == before)
    #expect(try fixture.migrate("run --accept-rejects 20% --max-rejects 300").exitCode == 6)
    #expect(try fixture.migrate("resume --max-rejects 10000").exitCode == 0)
  }

  @Test func aNumberOfRejectsIsThatOfTheMigration() throws {
    let fixture = try Self.fixture(#"limits: { warnAt: "99%", stopAt: "100%", rejects: 100 },"#)
    #expect(try fixture.migrate("run --parallel 1").exitCode == 6)
    let before = try state(fixture)
    for _ in 0..<2 {
      #expect(try fixture.migrate("run").exitCode == 6)
      #expect(try state(fixture) == before)
    }
    #expect(try fixture.migrate("run --max-rejects 500").exitCode == 5)
  }

  @Test func orphansThatAreFoundLateCountToo() throws {
    let fixture = try TablesFixture(
      tables: """
        { nodes: { from: "nodes", key: "id", sameColumns: ["id"], columns: {
          parent: { reference: "nodes", by: { id: "parent" }, orphan: "quarantine" } } } }
        """, head: #"limits: { warnAt: "5%", stopAt: "10%", leastRows: 200 },"#,
      sourceSQL: """
        create table nodes (id integer primary key, parent integer);
        insert into nodes select n, case when n % 5 = 0 then n + 100000 end
        from generate_series(1, 1000) n;
        """,
      targetSQL: "create table nodes (id integer primary key, parent integer references nodes);")
    for _ in 0..<3 { #expect(try fixture.migrate("run").exitCode == 6) }
    #expect(try fixture.migrate("run --accept-rejects 20%").exitCode == 0)
    #expect(try fixture.query("select count(*) from nodes") == "800")
    #expect(try fixture.migrate("validate").exitCode == 0)
  }

  /// Orphans of a merged table are only found when its rows are merged.
  @Test func orphansOfAMergedTableCountToo() throws {
    let fixture = try TablesFixture(
      tables: """
        { papers: { from: "papers", key: "id", sameColumns: ["id"] },
          pairs: { merge: "union", feeds: [{ from: "pairs", key: [], columns: {
            paper: { reference: "papers", by: { id: "paper" } }, bill: "bill" } }] },
          others: { from: "papers", key: "id", sameColumns: ["id"] } }
        """, head: #"limits: { warnAt: "5%", stopAt: "10%", leastRows: 200 },"#,
      sourceSQL: """
        create table papers (id integer primary key);
        insert into papers select generate_series(1, 500);
        create table pairs (paper integer, bill integer);
        insert into pairs select case when n % 5 = 0 then n + 100000 else n % 500 + 1 end, n
        from generate_series(1, 1000) n;
        """,
      targetSQL: """
        create table papers (id integer primary key);
        create table pairs (paper integer references papers, bill integer, primary key (paper, bill));
        create table others (id integer primary key);
        """)
    let counts = """
      select (select count(*) from pairs), (select count(*) from others),
        (select count(*) from migrate.quarantine where status = 'open')
      """
    var stopped: String?
    for _ in 0..<3 {
      let (exitCode, report) = try fixture.migrate.json("run")
      #expect(exitCode == 6, "\(report.pretty)")
      #expect(report["stop"]?["what"]?.textValue?.contains("rows of pairs were rejected") == true)
      let state = try fixture.query(counts)
      #expect(state == stopped ?? state && state.hasSuffix("|0|200"), "\(state)")
      stopped = state
    }
    let accepted = try fixture.migrate("run --accept-rejects 20%")
    #expect(accepted.exitCode == 0, "\(accepted.output)\(accepted.errors)")
    #expect(try fixture.query(counts) == "800|500|200")
    #expect(try fixture.migrate("validate --all --fingerprint").exitCode == 0)
    #expect(try fixture.migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try fixture.query(counts).hasPrefix("0|0|"))
  }

  @Test func fewRejectsAreExitCodeZeroWhereTheyAreAccepted() throws {
    let fixture = try Self.fixture(every: 300)
    #expect(try fixture.migrate("run").exitCode == 5)
    let accepted = try fixture.migrate("run --accept-rejects 1%")
    #expect(accepted.exitCode == 0)
    #expect(accepted.output.contains("which --accept-rejects accepts: exit code 0"))
    #expect(try fixture.migrate("run --accept-rejects 0.3%").exitCode == 5)
    try fixture.changePlan(#"stopAt: "10%""#, #"stopAt: "10%", acceptRejects: "1%""#)
    let planned = try fixture.migrate("run")
    #expect(planned.exitCode == 0)
    #expect(planned.output.contains("which limits.acceptRejects accepts: exit code 0"))
    #expect(try fixture.migrate("run --accept-rejects 0%").exitCode == 5)
    try fixture.changePlan(#"acceptRejects: "1%""#, #"acceptRejects: "11%""#)
    #expect(try fixture.migrate("run").exitCode == 3)
    for value in ["20", "101%", "-1%", "x"] {
      #expect(try fixture.migrate("run --accept-rejects=\(value)").exitCode == 2, "\(value)")
    }
  }
}
