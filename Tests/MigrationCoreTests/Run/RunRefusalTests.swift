import Foundation
import MigrationCore
import Postgres
import TestSupport
import Testing

/// Rows that only the server can judge: checks, unique expressions, foreign keys, triggers.
@Suite struct RunRefusalTests {
  static let planText = """
    {
      name: "items", source: { kind: "postgres" },
      limits: { warnAt: "100%", stopAt: "100%" },
      tables: {
        items: {
          from: "old_items", key: "id",
          columns: { id: "id", code: "code", amount: "amount", owner: "owner" },
        },
      },
    }
    """
  static let columns = "(id integer primary key, code text, amount integer, owner integer)"

  private func fixture(rows: Int, constraints: String) throws -> RunFixture {
    try RunFixture(
      plan: PlanReader.read(bytes: Array(Self.planText.utf8)),
      sourceSQL: """
        create table old_items \(Self.columns);
        insert into old_items select n, 'c' || n, n % 100, 1 from generate_series(1, \(rows)) n;
        """,
      targetSQL: """
        create table owners (id integer primary key);
        insert into owners values (1);
        create table items \(Self.columns);
        \(constraints)
        """)
  }

  private func reasons(_ fixture: RunFixture) throws -> String {
    try psql(
      fixture.target.url,
      """
      select code || ' ' || reason || ' ' || (key->>'id') from migrate.quarantine
      order by (key->>'id')::int
      """)
  }

  @Test func fewBadRowsAreFoundByTheirLine() throws {
    let fixture = try fixture(rows: 3000, constraints: "alter table items add check (amount < 90);")
    try psql(fixture.source.url, "update old_items set amount = 1 where amount >= 90 and id > 200")
    let outcome = try fixture.run { $0.tuning.batchSize = 1000 }
    #expect(outcome.ending == .completed)
    #expect(try fixture.count("items") == 2980)
    let expected = (Array(90...99) + Array(190...199)).map { "ERR_003 checkFailed \($0)" }
    #expect(try reasons(fixture).split(separator: "\n").map(String.init) == expected)
    try fixture.expectFingerprintsHold()
    // All rows of a chunk bear one transaction, whatever was tried in between.
    #expect(
      try psql(fixture.target.url, "select count(distinct xmin::text) from items") == "3")
  }

  @Test func manyBadRowsAreTriedByTheServer() throws {
    let fixture = try fixture(
      rows: 2000, constraints: "alter table items add check (amount % 3 <> 0);")
    let outcome = try fixture.run { $0.tuning.batchSize = 1000 }
    let bad = (1...2000).filter { ($0 % 100) % 3 == 0 }
    #expect(outcome.openRows == bad.count)
    #expect(try fixture.count("items") == 2000 - bad.count)
    try fixture.expectFingerprintsHold()
    #expect(try fixture.count("migrate.chunk", where: "rows_loaded + rows_quarantined = 1000") == 2)
  }

  @Test func aUniqueExpressionLetsTheFirstRowWin() throws {
    let fixture = try fixture(
      rows: 500, constraints: "create unique index on items (lower(code));")
    try psql(
      fixture.source.url, "update old_items set code = 'C7' where id in (100, 300, 499)")
    let outcome = try fixture.run { $0.tuning.batchSize = 100 }
    #expect(outcome.openRows == 3)
    #expect(
      try reasons(fixture)
        == "ERR_005 duplicate 100\nERR_005 duplicate 300\nERR_005 duplicate 499")
  }

  /// Deferred constraints would fail only at the commit.
  @Test func deferredForeignKeysAreJudgedRowByRow() throws {
    let fixture = try fixture(
      rows: 300,
      constraints: """
        alter table items add foreign key (owner) references owners
          deferrable initially deferred;
        """)
    try psql(fixture.source.url, "update old_items set owner = 9 where id in (5, 250)")
    let outcome = try fixture.run { $0.tuning.batchSize = 100 }
    #expect(outcome.openRows == 2)
    #expect(try reasons(fixture) == "ERR_004 orphan 5\nERR_004 orphan 250")
    #expect(try fixture.count("items") == 298)
  }

  @Test func rowsOfTheTargetComeFirst() throws {
    let fixture = try fixture(
      rows: 300,
      constraints: """
        alter table items add unique (code);
        insert into items values (7, 'mine', 0, 1), (1000, 'c20', 0, 1);
        """)
    let outcome = try fixture.run()
    #expect(outcome.openRows == 2)
    #expect(try reasons(fixture) == "ERR_005 duplicate 7\nERR_005 duplicate 20")
    #expect(try psql(fixture.target.url, "select code from items where id = 7") == "mine")
    try fixture.expectFingerprintsHold()
  }

  @Test func aTableWithoutAKeyIsReadByItsBlocks() throws {
    let text = Self.planText.replacingOccurrences(of: "key: \"id\",", with: "key: [],")
    let fixture = try RunFixture(
      plan: PlanReader.read(bytes: Array(text.utf8)),
      sourceSQL: """
        create table old_items (id integer, code text, amount integer, owner integer);
        insert into old_items select n, 'c' || n, n % 100, 1 from generate_series(1, 5000) n;
        """,
      targetSQL: "create table items (id integer, code text, amount integer, owner integer)")
    let outcome = try fixture.run {
      $0.tuning.batchSize = 500; $0.tuning.lanes = 3
    }
    #expect(outcome.ending == .completed)
    #expect(try fixture.count("items") == 5000)
    #expect(try psql(fixture.target.url, "select count(distinct id) from items") == "5000")
    #expect(try fixture.count("migrate.chunk") > 3)
  }
}
