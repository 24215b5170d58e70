import Foundation
import Mongo
import MigrationCore
import TestSupport
import Testing

/// How much the target's server does for a validation, counted by the server itself.
@Suite struct ValidationWorkTests {
  /// Rows that the nodes of plans made or threw away, in all sessions that name a schema.
  private static func rowsOfPlans(naming schema: String) throws -> Int {
    let folder = ProcessInfo.processInfo.environment["MIGRATE_SERVERS_DIR"] ?? ""
    let log = try Data(contentsOf: URL(fileURLWithPath: folder + "/postgres.log"))
    var (process, sums): (Substring, [Substring: Int]) = ("", [:])
    var (entry, naming): ([Substring], Set<Substring>) = ([], [])
    for line in String(decoding: log, as: UTF8.self).split(separator: "\n") {
      if line.first?.isNumber == true {
        sums[process, default: 0] += rows(of: entry)
        process = line.drop { $0 != "[" }.prefix { $0 != "]" }
        entry = []
      }
      if line.contains(schema) { naming.insert(process) }
      entry.append(line)
    }
    return naming.reduce(0) { $0 + (sums[$1] ?? 0) }
  }

  /// The rows of a plan as `auto_explain` writes it: those of each node, and those that it filtered.
  private static func rows(of plan: [Substring]) -> Int {
    var (loops, sum) = (1.0, 0.0)
    for line in plan {
      if let actual = line.range(of: "(actual ") {
        let rest = line[actual.upperBound...]
        loops = number(after: "loops=", in: rest) ?? 1
        sum += loops * (number(after: "rows=", in: rest) ?? 0)
      } else if line.contains("Rows Removed by") {
        sum += loops * (number(after: ": ", in: line) ?? 0)
      }
    }
    return Int(sum)
  }

  private static func number(after word: String, in line: Substring) -> Double? {
    line.range(of: word).flatMap { found in
      Double(line[found.upperBound...].prefix { $0.isNumber || $0 == "." })
    }
  }

  /// Elements of which many are quarantined, in a ledger that nobody has analyzed.
  private func fixture(_ elements: Int, ledger: String) throws -> DocumentsFixture {
    let fixture = try DocumentsFixture(
      tables: """
        { things: { from: "things", each: "list", columns: { doc: "_id", n: { element: true } } } }
        """, targetSQL: "create table things (doc int, n int primary key)")
    let list = (0..<elements).map { $0 % 25 == 9 ? BSONValue("x\($0)") : .int32(Int32($0)) }
    try fixture.insert("things", [["_id": 1, "list": .array(BSONArray(list))]])
    var migrate = fixture.migrate
    migrate.environment["MIGRATION_LEDGER_SCHEMA"] = ledger
    #expect(try migrate("run").exitCode == 5)
    let name = try psql(fixture.target.url, "select current_database()")
    try psql(
      fixture.target.url,
      """
      alter database \(name) set session_preload_libraries = 'auto_explain';
      alter database \(name) set auto_explain.log_min_duration = 0;
      alter database \(name) set auto_explain.log_analyze = on;
      alter database \(name) set auto_explain.log_timing = off;
      """)
    let finished = try migrate("validate --samples all")
    #expect(finished.exitCode == 0, "\(finished.output)")
    return fixture
  }

  @Test func theWorkGrowsWithTheRowsAndNotWithTheirSquare() throws {
    let elements = 20_000
    let ledger = "work_" + UUID().uuidString.prefix(8).lowercased()
    _ = try fixture(elements, ledger: ledger)
    let rows = try Self.rowsOfPlans(naming: ledger)
    #expect(rows > elements, "the server has explained its plans")
    #expect(rows < 20 * elements, "\(rows) rows for \(elements) elements")
  }
}
