import Foundation
import Testing

@testable import MigrationBasics
@testable import MigrationPlan

/// What each key of a plan, a table and a feed means.
@Suite struct PlanTableTests {
  @Test func headAndLimits() throws {
    let plan = try readPlan(
      """
      { $schema: "x", name: "n-1", title: "T",
        source: { kind: "mongo", setting: "MONGODB_URI", timeZone: "Europe/Prague" },
        target: { setting: "TARGET", schema: "crm" },
        limits: { warnAt: "2.5%", stopAt: "7%", rejects: 100, time: "5h30m" },
        thresholds: { quality: "99.5%", critical: 2, schema: "90%", roundTrip: 20 },
        tables: { T: { from: "things", where: { a: { $gt: 1 } }, sameColumns: ["b"] } } }
      """)
    #expect(plan.name == "n-1" && plan.title == "T" && plan.file == "plan.json5")
    let source = SourceSpec(kind: .mongo, setting: "MONGODB_URI", timeZone: "Europe/Prague")
    #expect(plan.source == source)
    #expect(plan.target == TargetSpec(setting: "TARGET", schema: "crm"))
    let limits = Limits(
      warnErrorShare: 0.025, stopErrorShare: 0.07, maximumRejects: 100,
      timeLimit: .seconds(19_800))
    #expect(plan.limits == limits)
    let thresholds = Thresholds(
      quality: 0.995, critical: 2, schema: 0.9, roundTrip: .milliseconds(20))
    #expect(plan.thresholds == thresholds)
    #expect(thresholds.accepts(quality: 0.996) && !thresholds.accepts(quality: 0.995))
    #expect(Thresholds(quality: 1).accepts(quality: 1))
    #expect(plan.tables[0].feeds[0].key == ["_id"])
    #expect(plan.tables[0].feeds[0].filter == #"{"a":{"$gt":1}}"#)
  }

  @Test func whatIsLeftOutHasDefaults() throws {
    let plan = try readPlan(planText(rule: #""x""#))
    #expect(plan.title == "test" && plan.limits == Limits() && plan.target == TargetSpec())
    #expect(plan.thresholds == Thresholds())
    #expect(plan.source.setting == "SOURCE_DATABASE_URL" && plan.source.schema == "public")
    let table = plan.tables[0]
    #expect(table.phase == 1 && table.chunk == .automatic && table.loading.setAside == .auto)
    #expect(table.feeds[0].filter == nil && table.feeds[0].ignored.isEmpty)
    #expect(plan.hash.count == 64)
  }

  @Test func tableOptions() throws {
    let text = planText(
      columns: #"a: "a", b: "b", "c d": "c""#,
      table: """
        command: "tee", phase: 3, chunk: 5000, loading: { setAside: "never" }, ignore: "x",
        where: "deleted_at IS NULL", unique: ["a", ["a", "b"]],
        checks: { one: "a<b", two: { that: '"c d" >= -1.5', orElse: "keep" } },
        """)
    let table = try #require(try readPlan(text).tables.first)
    #expect(table.command == "tee" && table.phase == 3 && table.chunk == .rows(5000))
    #expect(table.loading.setAside == .never && table.unique == [["a"], ["a", "b"]])
    #expect(table.feeds[0].filter == "deleted_at IS NULL" && table.feeds[0].ignored == ["x"])
    #expect(table.checks[0].left == "a" && table.checks[0].comparison == .less)
    #expect(table.checks[0].right == .column("b") && table.checks[0].failure == .quarantine)
    #expect(table.checks[1].left == "c d" && table.checks[1].comparison == .greaterOrEqual)
    #expect(table.checks[1].right == .number("-1.5") && table.checks[1].failure == .keep)
  }

  @Test func commandsComeFromNames() {
    #expect(PlanReading.commandName(for: "price_lists") == "price-lists")
    #expect(PlanReading.commandName(for: "crm_Accounts") == "crm-accounts")
  }

  @Test func feedsShareWhatTheTableSaysAndReplaceIt() throws {
    let table = try #require(
      try readPlan(
        """
        { name: "n", source: { kind: "postgres" }, tables: { t: {
          key: "id", sameColumns: ["a"], columns: { b: "b", c: "c" }, ignore: ["z"],
          feeds: [
            { from: "one", columns: { d: "d" } },
            { from: "two", key: ["k", "l"], columns: { b: { value: 1 } }, ignore: ["y"] },
          ] } } }
        """
      ).tables.first)
    let (one, two) = (table.feeds[0], table.feeds[1])
    #expect(one.columns.map(\.column) == ["a", "b", "c", "d"])
    #expect(two.columns.map(\.column) == ["a", "b", "c"])
    #expect(shownRule(two.columns[1].rule) == shownRule(.constant(.int(1))))
    #expect(one.key == ["id"] && two.key == ["k", "l"])
    #expect(one.ignored == ["z"] && two.ignored == ["z", "y"])
    #expect(two.columns[1].place.line == 5)
  }

  @Test func hashIsThatOfTheBytes() throws {
    let text = planText(rule: #""x""#)
    let plan = try readPlan(text)
    #expect(plan.hash == SHA256.hexadecimal(of: text.utf8))
    #expect(try readPlan(text + " ").hash != plan.hash)
  }
}

/// The examples of the manual are real.
@Suite struct PlanDocumentTests {
  @Test func theFirstExampleIsAPlan() throws {
    let file = planPackageRoot.appending(path: "docs/plan.md")
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    let start = try #require(text.range(of: "```json5\n")).upperBound
    let end = try #require(text.range(of: "```", range: start..<text.endIndex)).lowerBound
    let plan = try readPlan(String(text[start..<end]))
    #expect(plan.tables[0].feeds[0].columns.count == 7)
    let typo = String(text[start..<end]).replacing("email: \"quarantine\"", with: "emial: true")
    let fault = try #require(planFaults(typo).first)
    #expect(
      text.contains(fault.description.replacing("plan.json5", with: "config/shop/plan.json5")))
  }

  @Test func everyKeyIsDocumented() throws {
    let file = planPackageRoot.appending(path: "docs/plan.md")
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    let words =
      PlanWords.plan + PlanWords.source + PlanWords.limits + PlanWords.table
      + PlanWords.triggers
    for word in words + PlanWords.loading + PlanWords.check + PlanWords.rule + PlanWords.condition {
      #expect(text.contains(word), "\(word) is not in docs/plan.md")
    }
  }
}
