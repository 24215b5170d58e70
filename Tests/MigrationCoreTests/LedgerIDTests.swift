import MigrationBasics
import Postgres
import TestSupport
import Testing

@testable import MigrationLedger

@Suite struct LedgerIDTests {
  @Test func aNumberOfTheLedgerIsTheSameInStatementsInSQLAndInJSON() throws {
    let fixture = try LedgerFixture()
    // Numbers of the three tables differ, so that one is not taken for another by chance.
    try fixture.ledger.connection.execute("ALTER TABLE migrate.run ALTER id RESTART WITH 20")
    try fixture.ledger.connection.execute(
      "ALTER TABLE migrate.table_state ALTER id RESTART WITH 300")
    let run = try fixture.ledger.beginRun(session: fixture.session.id, LedgerFixture.identity).run
    let tables = try fixture.ledger.enterTables(["others"], session: fixture.session.id)
    let numbers = (run.session.rawValue, run.id.rawValue, tables.map(\.id.rawValue))
    #expect(numbers == (1, 20, [1, 300]))
    #expect(
      "\(run.session) \(run.id) \(tables[1].id)" == "1 20 300",
      "in the text of a statement or message")
    let found = try fixture.ledger.connection.query(
      "SELECT $1, $2 + 1, $3, (SELECT sum(t) FROM unnest($4) t)::bigint, $5::bigint",
      [run.session, run.id, tables[1].id, tables.map(\.id), RunID?.none])
    #expect((0..<5).map { found.int(0, $0) } == [1, 21, 300, 301, nil])
    let nothing: RunID? = try #require(found.rows.first).optionalID(4)
    #expect(nothing == nil)
    let json: JSONValue = ["session": .id(run.session), "run": .id(run.id)]
    #expect(json.compact == #"{"session":1,"run":20}"#)
  }
}
