import Testing

@testable import MigrationBasics
@testable import MigrationEngine
@testable import MigrationLedger
@testable import MigrationOperations
@testable import MigrationPlan

/// What the parts of a validation come to.
@Suite struct ReadinessReportTests {
  private func report(_ parts: [ReadinessPart], critical: Int = 0) -> ReadinessReport {
    ReadinessReport(
      plan: "p", thresholds: Thresholds(critical: critical), started: Moment(microseconds: 0),
      duration: .zero, parts: parts)
  }

  private func finding(_ severity: FindingSeverity) -> ValidationFinding {
    ValidationFinding(severity, .data, table: "t", "\(severity) thing", remedy: "mend it")
  }

  @Test func whatLookedAtNothingIsNotReady() {
    #expect(!report([]).isReady)
  }

  @Test func everyPartHasToBeReady() {
    var bad = ReadinessPart(.backup)
    bad.objections = ["it is broken"]
    let all = ReadinessPart.Subject.allCases.map { ReadinessPart($0) }
    #expect(report(all).isReady)
    #expect(report(all).why == "every part passed")
    #expect(!report([ReadinessPart(.schema), bad]).isReady)
    #expect(report([ReadinessPart(.schema), bad]).why == "backup: it is broken")
    #expect(
      report([ReadinessPart(.schema)]).why.contains(
        "not checked: resources, backup, rollback, quality"))
  }

  @Test func criticalErrorsCountOverAllParts() {
    var one = ReadinessPart(.quality)
    one.findings = [finding(.critical), finding(.high), finding(.warning)]
    #expect(!report([one]).isReady)
    #expect(report([one]).why == "1 critical error, allowed: 0")
    #expect(report([one], critical: 1).isReady)
    #expect(!report([one, one], critical: 1).isReady)
  }

  @Test func warningsAreNoObjection() {
    var part = ReadinessPart(.resources)
    part.findings = [finding(.warning)]
    part.objectToErrors()
    #expect(part.isReady)
    part.findings += [finding(.high), finding(.critical)]
    part.objectToErrors()
    #expect(part.objections == ["high thing and 1 more"])
  }

  @Test func aPartThatCouldNotLookIsAFailureAndATrialThatWentWrongToo() {
    var part = ReadinessPart(.schema)
    part.fail(MigrationError(.coded(.schema), "no such folder", place: "here"))
    #expect(part.objections == ["could not check: no such folder (here)"])
    var trial = ReadinessPart(.rollback)
    trial.fail(MigrationError(.coded(.rollback), "a row stays"))
    #expect(trial.objections == ["a row stays"])
    #expect(!report([part]).isReady && part.criticalErrors == 1)
    #expect(!report([trial]).isReady && trial.criticalErrors == 1)
  }

  @Test func relationsAreKnownByBothTables() throws {
    let reference = { (table: String) in
      #"{ reference: "\#(table)", by: { id: "x" }, result: "id" }"#
    }
    let plan = try readPlan(
      """
      { name: "p", source: { kind: "postgres" }, tables: {
        categories: { from: "c", key: "id", columns: { id: "id" } },
        Price_Lists: { from: "p", key: "id", columns: { id: "id", c: \(reference("categories")) } } } }
      """)
    let relation = Relation(child: "Price_Lists", parent: "categories")
    for word in ["price-list-category", "price-lists-categories", "Price-List-categories"] {
      #expect(try Relation.named(word, in: plan) == relation)
    }
    #expect(throws: MigrationError.self) { try Relation.named("category-price-list", in: plan) }
  }

  @Test func roundTripsAreSummedUp() throws {
    let url = try DatabaseURL("postgres://h/d")
    var reading = NetworkReading(
      ConfiguredDatabase(role: .source, setting: "SOURCE_DATABASE_URL", url: url))
    #expect(!reading.isGood(.seconds(1)), "nothing was measured")
    reading.trips = (1...100).map { .milliseconds($0) }
    #expect(reading.median == .milliseconds(51))
    #expect(reading.slowTwentieth == .milliseconds(96))
    #expect(reading.isGood(.milliseconds(52)) && !reading.isGood(.milliseconds(51)))
    reading.failure = "gone"
    #expect(!reading.isGood(.seconds(1)))
    let throughput = NetworkReading.Throughput(bytes: 3 << 20, time: .milliseconds(1500))
    #expect(throughput.speed == 2)
  }
}
