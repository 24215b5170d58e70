import Foundation
import MigrationCore
import TestSupport
import Testing

/// The complete validation with performance and score, whose rows are too many, and the schema's check.
@Suite struct CompleteValidationEndToEndTests {
  private func fixture(every: Int = 5000, limit: Int = 10_000) throws -> TablesFixture {
    let fixture = try ErrorLimitEndToEndTests.fixture(
      """
      queries: { "by name": { sql: "select * from items where name = $1", limit: \(limit),
        arguments: "select name from items limit 5" } },
      """, every: every)
    #expect([0, 5].contains(try fixture.migrate("run").exitCode))
    return fixture
  }

  @Test func aCompleteValidationTimesTheQueriesAndGivesAScore() throws {
    let fixture = try fixture()
    let (exitCode, report) = try fixture.migrate.json("validate --all")
    #expect(exitCode == 0, "\(report["summary"] ?? .null)")
    #expect(report["performanceValidation"]?["status"] == "PASS")
    #expect(report["performanceValidation"]?["queries"]?[0]?["query"] == "by name")
    #expect(report["summary"]?["overallScore"] == .double(100))
    #expect(report["summary"]?["scoreParts"]?["performance"] == .double(1))
    let text = try fixture.migrate("validate --all").output
    #expect(text.contains("Performance Validation: PASS\n   - 1 of 1 queries within their limits"))
    #expect(text.contains("Overall Score: 100% - Migration Successful"), "\(text)")
    // A part of it is no complete validation.
    for line in ["validate", "validate --all --layers counts"] {
      let (_, part) = try fixture.migrate.json(line)
      #expect(part["summary"]?["overallScore"] == .null)
      #expect(part["performanceValidation"] == nil)
    }
  }

  @Test func theScoreIsTheMeanOfWhatWasFound() throws {
    let fixture = try fixture(every: 300)
    _ = try fixture.query("update items set name = 'changed' where id = 7")
    let (exitCode, report) = try fixture.migrate.json("validate --all")
    #expect(exitCode == 4)
    guard case .object(let parts)? = report["summary"]?["scoreParts"] else {
      Issue.record("\(report["summary"] ?? .null)")
      return
    }
    let shares = parts.members.compactMap { member -> Double? in
      if case .double(let share) = member.value { share } else { nil }
    }
    #expect(parts["loaded"] == .double(1 - 10.0 / 3050))
    #expect(parts["performance"] == .double(1))
    let mean = shares.reduce(0, +) / Double(shares.count)
    #expect(mean < 1)
    #expect(report["summary"]?["overallScore"] == .double(Double(Int(mean * 1000)) / 10))
    #expect(!(try fixture.migrate("validate --all").output.contains("Successful")))
  }

  @Test func slowQueriesAreToldBesideTheVerdict() throws {
    let fixture = try fixture()
    try fixture.changePlan(
      "select * from items where name = $1", "select pg_sleep(0.05), $1::text")
    try fixture.changePlan("limit: 10000", "limit: 1")
    let (exitCode, report) = try fixture.migrate.json("validate --all")
    #expect(exitCode == 0)
    #expect(report["performanceValidation"]?["status"] == "FAIL")
    #expect(
      report["summary"]?["why"]?.textValue?.contains("1 query is not within the limit") == true)
    #expect(report["summary"]?["overallScore"] != .double(100))
    try fixture.changePlan("pg_sleep(0.05)", "no_such_function()")
    let broken = try fixture.migrate("validate --all")
    #expect(broken.output.contains("by name: could not be timed: "), "\(broken.output)")
  }

  @Test func rowsThatAreTooManySayWhoWroteThem() throws {
    let fixture = try fixture()
    _ = try fixture.query("insert into items values (9001, 'of others')")
    let (exitCode, report) = try fixture.migrate.json("validate --layers counts")
    #expect(exitCode == 4)
    let found = try #require(report["rowCountValidation"]?["discrepancies"]?[0])
    #expect(
      found["what"]?.textValue?.hasSuffix(
        "1 too many, 1 row was written or changed by others since the migration began") == true,
      "\(found)")
    #expect(found["examples"]?[0] == "id = 9001")
    #expect(found["remedy"]?.textValue?.hasPrefix("stop the other writers") == true)

    // A row that the ledger does not know, written in a transaction of the migration.
    let own = try self.fixture()
    _ = try own.query(
      "update migrate.chunk set rows_read = rows_read - 1, rows_loaded = rows_loaded - 1 "
        + "where rows_read = 100 and number = 0")
    let (_, counted) = try own.migrate.json("validate --layers counts")
    let surplus = try #require(counted["rowCountValidation"]?["discrepancies"]?[0])
    #expect(
      surplus["what"]?.textValue?.hasSuffix("1 too many, 1 written by this migration") == true,
      "\(surplus)")
    // After a rewrite no row tells.
    _ = try own.query("alter table items alter column name type varchar(90)")
    _ = try own.query(
      "create table copy as table items; truncate items; insert into items table copy")
    let (_, rewritten) = try own.migrate.json("validate --layers counts")
    #expect(
      rewritten["rowCountValidation"]?["discrepancies"]?[0]?["what"]?.textValue?
        .contains("written by unknown") == true, "\(rewritten)")
  }

  @Test func theConnectionsTestEndsWithTheSchema() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 5000)
    try FileManager.default.createDirectory(
      atPath: fixture.migrate.folder.path + "/config/crm/schema", withIntermediateDirectories: true)
    func told() throws -> (code: Int32, line: String) {
      let told = try fixture.migrate("test-connections")
      return (told.exitCode, told.output.split(separator: "\n").last.map(String.init) ?? "")
    }
    // Without files it is held against the plan's tables.
    #expect(try told().line.hasSuffix("Schema validation: OK (2 tables of plan crm)"))
    _ = try fixture.migrate.folder.file(
      "config/crm/schema/001_tables.up.sql",
      """
      create table items (id integer primary key, name text not null);
      create table others (id integer primary key);
      """)
    let good = try told()
    #expect(
      good.code == 0 && good.line.hasSuffix("Schema validation: OK (2 tables of plan crm)"),
      "\(good)")
    #expect(try fixture.migrate.json("test-connections").document["schema"]?["verdict"] == "pass")
    _ = try fixture.query("alter table items alter name drop not null, alter id type bigint")
    let differs = try told()
    #expect(differs.code == 4, "\(differs)")
    #expect(differs.line.contains("Schema validation: FAILED, "), "\(differs)")
    #expect(differs.line.hasSuffix("and 1 more; see: migrate validate-schema"), "\(differs)")
    // Nothing is there yet, or not all of it: that is what `db migrate` is for.
    _ = try fixture.query("drop table items")
    let some = try told()
    #expect(
      some.code == 0 && some.line.contains("NOT DEPLOYED, the target has no table items"), "\(some)"
    )
    _ = try fixture.query("drop table others")
    let none = try told()
    #expect(none.code == 0 && none.line.contains("NOT DEPLOYED"), "\(none)")
    #expect(none.line.hasSuffix("apply it: migrate db migrate"))
    #expect(try fixture.migrate("db migrate").exitCode == 0)
    #expect(try told().line.contains("Schema validation: OK"))
    // What was applied has to be there.
    _ = try fixture.query("drop table public.items")
    let gone = try told()
    #expect(
      gone.code == 4 && gone.line.contains("FAILED, the target has no table items"), "\(gone)")
    #expect(try fixture.migrate.json("test-connections").document["ok"] == false)
    _ = try fixture.query("create table public.items (id integer primary key, name text not null)")
    _ = try fixture.migrate.folder.file(
      "config/crm/schema/002_note.up.sql", "alter table others add note text;")
    let pending = try told()
    #expect(pending.code == 0 && pending.line.contains("NOT DEPLOYED, others.note"), "\(pending)")
    // What could not be looked at has failed.
    _ = try fixture.migrate.folder.file("config/crm/schema/004_gap.up.sql", "select 1;")
    let broken = try told()
    #expect(broken.code == 4 && broken.line.contains("could not check"), "\(broken)")
  }
}
