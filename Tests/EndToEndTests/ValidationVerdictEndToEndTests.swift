import MigrationCore
import TestSupport
import Testing

/// What `validate` says next to its verdict, and holds: rows in quarantine, references, time.
@Suite struct ValidationVerdictEndToEndTests {
  @Test func validateSaysHowManyRowsAreInQuarantineAndHoldsTheLimit() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    #expect(try fixture.migrate("run").exitCode == 5)
    let free = try fixture.migrate("validate")
    #expect(free.exitCode == 0)
    #expect(free.output.contains("GO: 3,040 of 3,050 rows, 10 quarantined (0.3%); every layer"))
    try fixture.changePlan("limits:", #"thresholds: { quarantined: "1%" }, limits:"#)
    let under = try fixture.migrate("validate")
    #expect(under.exitCode == 0)
    #expect(under.output.contains("GO: 3,040 of 3,050 rows, 10 quarantined (0.3%, limit 1%)"))
    #expect(try fixture.migrate("validate --table others").output.contains("GO: 50 of 50 rows;"))
    try fixture.changePlan(#"quarantined: "1%""#, #"quarantined: "0.3%""#)
    let (exitCode, report) = try fixture.migrate.json("validate")
    #expect(exitCode == 4)
    let why = report["summary"]?["why"]?.textValue ?? ""
    #expect(why.contains("3,040 of 3,050 rows, 10 quarantined (0.3279%, limit 0.3%)"), "\(why)")
    #expect(report["summary"]?["quarantined"]?["isWithinLimit"] == false)
    #expect(report["rowCountValidation"]?["status"] == "FAIL")
    #expect(report["rowCountValidation"]?["discrepancies"]?[0]?["severity"] == "critical")
    #expect(report["rowCountValidation"]?["discrepancies"]?[1] == nil)
    #expect(report["rowCountValidation"]?["warnings"]?[0]?["table"] == "items")
    try fixture.changePlan(#"quarantined: "0.3%""#, #"quarantined: "0%""#)
    #expect(try fixture.migrate("validate").exitCode == 4)
    #expect(try fixture.migrate("validate --table others").exitCode == 0)
  }

  @Test func referencesAreCountedAndNotRows() throws {
    let fixture = try TriggersFixture(#"limits: { stopAt: "10%" }"#)
    #expect(try fixture.migrate("run").exitCode == 0)
    let before = 100
    let all = TriggersFixture.items + before
    for command in ["validate --layers references", "validate --type items-parents"] {
      let (exitCode, report) = try fixture.migrate.json(command)
      #expect(exitCode == 0, "\(report)")
      #expect(report["summary"]?["totalRecords"] == .int(all), "\(command)")
    }
    let text = try fixture.migrate("validate --layers references").output
    #expect(text.contains("Valid relationships: 1,600/1,600"), "\(text)")
    #expect(text.contains("Total records: 1,600"), "\(text)")
    #expect(text.contains("Orphans: 0"))
    let duration = try #require(
      text.split(separator: "\n").first { $0.hasPrefix("Validation duration:") })
    #expect(duration.wholeMatch(of: /Validation duration: [0-9]+(\.[0-9])? (s|min)/) != nil)
  }
}
