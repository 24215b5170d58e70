import Testing

@testable import MigrationBasics
@testable import MigrationOperations
@testable import MigrationRows

/// How rows with errors become a score, and how they are found again.
@Suite struct SourceQualityTests {
  @Test(arguments: Reason.allCases) func everyReasonBelongsToAnAspect(_ reason: Reason) {
    let wanted: SourceQuality.Aspect =
      switch reason {
      case .missing: .required
      case .orphan: .references
      case .outOfRange, .tooSmall, .tooLarge: .ranges
      case .checkFailed: .rules
      default: .format
      }
    #expect(SourceQuality.Aspect(reason: reason.name) == wanted)
  }

  @Test func whatTheServerRefusesBelongsToAnAspectToo() {
    #expect(SourceQuality.Aspect(reason: "duplicate") == .uniqueness)
    #expect(SourceQuality.Aspect(reason: "exclusion") == .uniqueness)
    #expect(SourceQuality.Aspect(reason: "sqlstate22P02") == .format)
  }

  @Test func scoresAreSharesOfRows() {
    var quality = SourceQuality()
    #expect(quality.score == nil && quality.score(.format) == nil)
    quality.tables = [
      .init(name: "a", rows: 60, failed: [.format: 3, .required: 1]),
      .init(name: "b", rows: 40, failed: [.format: 1]), .init(name: "c", rows: 0),
    ]
    #expect(quality.rows == 100)
    #expect(quality.score == 0.95)
    #expect(quality.score(.format) == 0.96 && quality.score(.required) == 0.99)
    #expect(quality.score(.rules) == 1)
    #expect(SourceQuality.share(5, of: 3) == 0)
  }

  @Test func whatIsNotAllIsNeverShownAsAll() {
    let texts = [1, 0.999_999_99, 0.9675, 0.95, 0.29, 0.071, 0.0701, 0].map(Percent.text)
    #expect(
      texts == ["100%", "99.99%", "96.75%", "95%", "29%", "7.1%", "7.01%", "0%"])
  }

  @Test func rowsOfATableAreFoundByTheirKeys() throws {
    let one = try finder(#"from: "legacy", key: "id""#)
    #expect(
      try one.statement([["id": 7], ["id": "O'Hara"], ["id": .null], ["other": 1]])
        == #"SELECT * FROM "public"."legacy" WHERE "id" IN ('7', 'O''Hara')"#)
    let two = try finder(#"from: "legacy", key: ["a", "b c"]"#)
    #expect(
      try two.statement([["a": 1, "b c": true], ["a": 1, "b c": .null]])
        == #"SELECT * FROM "public"."legacy" WHERE ("a", "b c") IN (('1', 'true'))"#)
    #expect(try two.statement([["chunk": 1, "row": 2]]) == nil)
    #expect(try finder(#"from: "legacy", key: []"#).statement([["id": 1]]) == nil)
  }

  @Test func documentsAreFoundByAFilter() throws {
    let finder = try finder(#"from: "legacy""#, kind: "mongo")
    let id: JSONValue = ["$oid": "65a1b2c3d4e5f60718293a4b"]
    #expect(
      try finder.statement([["_id": id], ["_id": 5]])
        == #"{"_id":{"$in":[{"$oid":"65a1b2c3d4e5f60718293a4b"},5]}}"#)
  }

  private func finder(_ feed: String, kind: String = "postgres") throws -> SourceFinder {
    let plan = try readPlan(
      """
      { name: "p", source: { kind: "\(kind)" }, tables: { t: { \(feed), columns: { c: "c" } } } }
      """)
    return SourceFinder(plan: plan, table: "t", source: "legacy")
  }
}
