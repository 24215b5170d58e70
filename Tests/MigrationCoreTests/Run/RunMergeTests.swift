import Foundation
import MigrationCore
import Postgres
import TestSupport
import Testing

/// Tables whose equal rows become one: pairs that two sides know, each in a list of its own.
@Suite struct RunMergeTests {
  static let plan = """
    {
      name: "pairs", source: { kind: "postgres" }, limits: { stopAt: "100%" },
      tables: {
        papers: { from: "old_papers", key: "id", columns: { id: { id: "papers", from: "id" } } },
        bills: { from: "old_bills", key: "id", columns: { id: { id: "bills", from: "id" } } },
        papers_bills: {
          merge: "union",
          feeds: [\(feed("bills_of_papers")), \(feed("papers_of_bills"))],
        },
      },
    }
    """

  static func feed(_ source: String) -> String {
    """
    {
      from: "\(source)", key: "n",
      columns: {
        paper: { reference: "papers", by: { id: { id: "papers", from: "paper" } } },
        bill: { reference: "bills", by: { id: { id: "bills", from: "bill" } } },
      },
    }
    """
  }

  static let targetSQL = """
    CREATE TABLE papers (id uuid PRIMARY KEY);
    CREATE TABLE bills (id uuid PRIMARY KEY);
    CREATE TABLE papers_bills (
      paper uuid NOT NULL REFERENCES papers (id), bill uuid NOT NULL REFERENCES bills (id),
      PRIMARY KEY (paper, bill));
    CREATE INDEX papers_bills_bill ON papers_bills (bill);
    """

  /// Papers 1 to 100 and bills 1 to 50 are there. A row is a pair, as one side's list has it.
  static func source(_ papersSide: String, _ billsSide: String) -> String {
    """
    CREATE TABLE old_papers (id int PRIMARY KEY);
    CREATE TABLE old_bills (id int PRIMARY KEY);
    INSERT INTO old_papers SELECT generate_series(1, 100);
    INSERT INTO old_bills SELECT generate_series(1, 50);
    CREATE TABLE bills_of_papers (n serial PRIMARY KEY, paper int, bill int);
    CREATE TABLE papers_of_bills (n serial PRIMARY KEY, paper int, bill int);
    INSERT INTO bills_of_papers (paper, bill) \(papersSide);
    INSERT INTO papers_of_bills (paper, bill) \(billsSide);
    """
  }

  private func fixture(_ papersSide: String, _ billsSide: String) throws -> RunFixture {
    try RunFixture(
      plan: try PlanReader.read(bytes: Array(Self.plan.utf8)),
      sourceSQL: Self.source(papersSide, billsSide), targetSQL: Self.targetSQL)
  }

  private func sheet(_ outcome: RunOutcome) throws -> RowCounts {
    try #require(outcome.tables.first { $0.name == "papers_bills" }).sheet
  }

  @Test func keepsTheUnionOnceAndCountsTheRest() throws {
    let fixture = try fixture(
      // 1-1 on both sides, 2-2 twice here, 3-3 only here, 4-99 matches no row, twice.
      "VALUES (1, 1), (2, 2), (2, 2), (3, 3), (4, 99), (4, 99), (null, 1)",
      // 5-5 and 6-6 only here, 777-7 matches no row.
      "VALUES (1, 1), (2, 2), (5, 5), (6, 6), (777, 7)")
    let outcome = try fixture.run()
    let sheet = try sheet(outcome)
    #expect(outcome.ending == .completed)
    #expect((sheet.read, sheet.loaded, sheet.merged, sheet.quarantined) == (12, 5, 4, 3))
    #expect(sheet.asymmetric == 3)
    #expect(sheet.closes)
    #expect(try fixture.count("papers_bills") == 5)
    try fixture.expectFingerprintsHold()
    let ledger = try Ledger(Connection(to: ConnectionString(fixture.target.url)))
    let table = try #require(try ledger.tables(session: outcome.session).last)
    let totals = try #require(try ledger.mergeTotals(table: table.id))
    #expect(totals.oneSided == ["bills_of_papers": 1, "papers_of_bills": 2])
    #expect(
      try psql(
        fixture.target.url,
        """
        select code, reason, column_name, row->>'from', key ? 'paper', value = key->>column_name
        from migrate.quarantine where reason = 'orphan' order by chunk
        """) == """
          ERR_004|orphan|bill|bills_of_papers|t|t
          ERR_004|orphan|paper|papers_of_bills|t|t
          """)
    #expect(
      try psql(fixture.target.url, "select to_regclass('migrate.merge_\(table.id)') is null")
        == "t")
    let log = try String(
      contentsOfFile: fixture.folder.path + "/migration-errors.log", encoding: .utf8)
    #expect(log.split(separator: "\n").count == 3)
  }

  @Test func rowsOfTheTargetComeFirst() throws {
    let fixture = try fixture("VALUES (1, 1), (2, 2)", "VALUES (2, 2), (3, 3)")
    _ = try fixture.run { $0.tables = ["papers", "bills"] }
    try psql(
      fixture.target.url,
      "insert into papers_bills select p.id, b.id from papers p, bills b order by 1, 2 limit 5000")
    let before = try fixture.count("papers_bills")
    let sheet = try sheet(try fixture.run())
    #expect(before == 5000)
    #expect((sheet.read, sheet.loaded, sheet.merged, sheet.quarantined) == (4, 0, 4, 0))
    #expect(sheet.closes)
    #expect(try fixture.count("papers_bills") == before)
    try fixture.expectFingerprintsHold()
  }

  @Test func orphansComeInWhenTheirEndsAreThere() throws {
    let fixture = try fixture("VALUES (1, 1), (4, 51), (4, 52)", "VALUES (4, 51)")
    _ = try fixture.run()
    #expect(try fixture.count("papers_bills") == 1)
    let first = try QuarantineRetry.run(try fixture.request())
    #expect(first.map(\.failed) == [2])
    // The result of bill 51 is known from the pair that waits for it.
    try psql(
      fixture.target.url,
      """
      insert into bills select (key->>'bill')::uuid from migrate.quarantine
      where reason = 'orphan' order by id limit 1
      """)
    let second = try QuarantineRetry.run(try fixture.request())
    #expect(second.map(\.loaded) == [1])
    #expect(second.map(\.failed) == [1])
    #expect(try fixture.count("papers_bills") == 2)
    try fixture.expectFingerprintsHold(["papers", "papers_bills"])
    let third = try QuarantineRetry.run(try fixture.request())
    #expect(third.map(\.loaded) == [0])
    #expect(try fixture.count("papers_bills") == 2)
  }

  @Test func aDryRunLeavesNothingBehind() throws {
    let fixture = try fixture("VALUES (1, 1), (2, 99)", "VALUES (1, 1)")
    let sheet = try sheet(try fixture.run { $0.dryRun = true })
    #expect((sheet.read, sheet.loaded, sheet.merged, sheet.quarantined) == (3, 1, 1, 1))
    #expect(try fixture.count("papers_bills") == 0)
    #expect(try psql(fixture.target.url, "select to_regclass('migrate.session') is null") == "t")
  }

  @Test func aFreshStartDropsWhatWasStaged() throws {
    let fixture = try fixture(
      "SELECT 1 + i % 100, 1 + i % 50 FROM generate_series(1, 3000) i", "VALUES (1, 1)")
    let control = RunControl()
    _ = try fixture.run(
      control: control,
      observer: { event in
        if case .tableBegan(let report) = event, report.table == "papers_bills" {
          control.interrupt()
        }
      }, { $0.tuning.batchSize = 10 })
    let staged = "select count(*) from pg_class where relname ~ '^merge_[0-9]+$'"
    #expect(try psql(fixture.target.url, staged) == "1")
    let outcome = try fixture.run { request in
      request.fresh = true
      request.emptiesTables = true
    }
    #expect(outcome.ending == .completed)
    #expect(try psql(fixture.target.url, staged) == "0")
    #expect(try fixture.count("papers_bills") == 100)
  }

  @Test func aKeyOfOtherColumnsIsRefused() throws {
    let fixture = try RunFixture(
      plan: try PlanReader.read(bytes: Array(Self.plan.utf8)),
      sourceSQL: Self.source("VALUES (1, 1)", "VALUES (1, 1)"),
      targetSQL: Self.targetSQL.replacingOccurrences(
        of: "PRIMARY KEY (paper, bill)", with: "id serial PRIMARY KEY"))
    let error = #expect(throws: MigrationError.self) { _ = try fixture.run() }
    #expect(error.map { "\($0)".contains("primary key") } == true)
    #expect(try fixture.count("papers_bills") == 0)
  }

  /// The server refuses the merged rows in the middle: nothing of them is there, nothing is lost.
  @Test func aMergeThatFailsIsUndoneAndDoneAgain() throws {
    let fixture = try fixture("VALUES (1, 1), (2, 2), (3, 99)", "VALUES (1, 1), (4, 4)")
    try psql(
      fixture.target.url,
      """
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE division_by_zero; END $$;
      CREATE TRIGGER fail AFTER INSERT ON papers_bills EXECUTE FUNCTION fail();
      """)
    #expect(throws: MigrationError.self) { _ = try fixture.run() }
    #expect(try fixture.count("papers_bills") == 0)
    #expect(try fixture.count("migrate.quarantine") == 0)
    #expect(try psql(fixture.target.url, "select sum(rows_loaded) from migrate.chunk") == "155")
    try psql(fixture.target.url, "DROP TRIGGER fail ON papers_bills")
    let sheet = try sheet(try fixture.run())
    #expect((sheet.read, sheet.loaded, sheet.merged, sheet.quarantined) == (5, 3, 1, 1))
    #expect(sheet.closes)
    #expect(try fixture.count("papers_bills") == 3)
  }

  /// Many pairs, both sessions ended at random: the target is that of an undisturbed migration.
  @Test func endedSessionsLoseAndDoubleNothing() throws {
    let fixture = try fixture(
      "SELECT 1 + i % 103, 1 + i / 103 % 51 FROM generate_series(1, 8000) i",
      "SELECT 1 + i % 97, 1 + i / 97 % 53 FROM generate_series(1, 8000) i")
    let before = try definitions(fixture.target.url)
    let server = try TestServers.postgresURL()
    let killers = [fixture.target, fixture.source].map {
      Terminator(database: $0.name, server: server, every: 0.1...0.5)
    }
    var ending: RunOutcome.Ending?
    for _ in 0..<30 where ending != .completed {
      ending = try? fixture.run { request in
        request.tuning.lanes = 2
        request.tuning.batchSize = 300
        request.tuning.maximumRetries = 2
      }.ending
    }
    let ended = killers.map { $0.stop() }
    let outcome = try fixture.run()
    #expect(ended.allSatisfy { $0 > 0 })
    let sheet = try sheet(outcome)
    #expect(sheet.closes)
    #expect(sheet.read == 16_000)
    let expected = try psql(
      fixture.source.url,
      """
      with pairs as (select paper, bill from bills_of_papers
        union select paper, bill from papers_of_bills)
      select count(*) filter (where paper <= 100 and bill <= 50) || ' '
        || count(*) filter (where paper > 100 or bill > 50) from pairs
      """)
    #expect(expected == "\(sheet.loaded) \(sheet.quarantined)")
    #expect(try fixture.count("papers_bills") == sheet.loaded)
    #expect(try definitions(fixture.target.url) == before)
  }
}
