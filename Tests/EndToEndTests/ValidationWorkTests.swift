import Foundation
import Mongo
import MigrationCore
import TestSupport
import Testing

/// How much the target's server does for a validation, counted by the server itself.
@Suite struct ValidationWorkTests {
  /// Elements of which many are quarantined, in a ledger that was not analyzed.
  private func fixture(_ elements: Int, ledger: String) throws -> (DocumentsFixture, ServerLog) {
    let fixture = try DocumentsFixture(
      tables: """
        { things: { from: "things", each: "list", columns: { doc: "_id", n: { element: true } } } }
        """, targetSQL: "create table things (doc int, n int primary key)")
    let list = (0..<elements).map { $0 % 25 == 9 ? BSONValue("x\($0)") : .int32(Int32($0)) }
    try fixture.insert("things", [["_id": 1, "list": .array(BSONArray(list))]])
    var migrate = fixture.migrate
    migrate.environment["MIGRATION_LEDGER_SCHEMA"] = ledger
    #expect(try migrate("run").exitCode == 5)
    try ServerLog.watch(fixture.target, plans: true)
    let log = try ServerLog()
    let finished = try migrate("validate --samples all")
    #expect(finished.exitCode == 0, "\(finished.output)")
    return (fixture, log)
  }

  @Test func theWorkGrowsWithTheRowsAndNotWithTheirSquare() throws {
    let elements = 20_000
    let ledger = "work_" + UUID().uuidString.prefix(8).lowercased()
    let (_, log) = try fixture(elements, ledger: ledger)
    let rows = try log.work(naming: ledger).rows
    #expect(rows > elements, "the server has explained its plans")
    #expect(rows < 20 * elements, "\(rows) rows for \(elements) elements")
  }
}
