import Foundation
import MigrationCore
import TestSupport
import Testing

/// Rows that are quarantined: listed, fixed in the source, tried again, each loaded once.
@Suite struct QuarantineEndToEndTests {
  @Test func rowsAreListedMendedAndLoadedOnce() throws {
    let (source, target) = (try TemporaryDatabase("legacy"), try TemporaryDatabase("nxt"))
    let migrate = try Undisturbed.prepared(source: source.url, target: target.url)
    #expect(try migrate("errors").exitCode == 1)
    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try migrate("sample --rows 1000 --dirty 4").exitCode == 0)
    #expect(try migrate("customers").exitCode == 5)

    let missing = try number(
      source, "select count(*) from legacy_customers where company_name is null")
    #expect(missing > 0)
    let patterns = try migrate.json("errors --patterns --table customers").document["patterns"]
    guard case .array(let found)? = patterns else {
      Issue.record("no patterns")
      return
    }
    let pattern = found.first { $0["column"] == "company_name" && $0["reason"] == "missing" }
    #expect(pattern?["rows"] == .int(missing))
    #expect(pattern?["code"] == "ERR_003")
    let log = try String(
      contentsOfFile: migrate.folder.path + "/migration-errors.log", encoding: .utf8)
    let before = try number(target, "select count(*) from customers")
    let aside = try number(target, "select count(*) from migrate.quarantine where status = 'open'")
    #expect(log.split(separator: "\n").count == aside)
    #expect(log.split(separator: "\n").allSatisfy { $0.contains("Error:") })

    let key = try psql(
      source.url, "select min(id::text) from legacy_customers where company_name is null")
    let trace = try migrate("trace --table customers --key \(key)")
    #expect(trace.exitCode == 0)
    #expect(trace.output.contains("company_name"))

    #expect(try migrate.json("retry --table customers").document["left"] == .int(aside))
    try psql(
      source.url, "update legacy_customers set company_name = 'Mended' where company_name is null")
    let (exitCode, document) = try migrate.json("retry --table customers")
    #expect(exitCode == 5)
    #expect(document["left"] == .int(aside - missing))
    #expect(try number(target, "select count(*) from customers") == before + missing)
    #expect(
      try number(target, "select count(*) from customers where company_name = 'Mended'") == missing)
    #expect(try migrate("retry").exitCode == 5)
    #expect(try number(target, "select count(*) from customers") == before + missing)
  }

  private func number(_ database: TemporaryDatabase, _ sql: String) throws -> Int {
    Int(try psql(database.url, sql)) ?? -1
  }
}
