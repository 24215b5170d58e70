import Foundation
import MigrationCore
import TestSupport
import Testing

/// A run does what a profile has reported; the profile writes nothing.
@Suite struct ProfileEndToEndTests {
  private struct Refusal: Hashable {
    let place: String
    let reason: String
  }

  @Test func refusalsAreForetoldToTheRow() throws {
    let (source, target) = (try TemporaryDatabase("legacy"), try TemporaryDatabase("nxt"))
    let migrate = try Undisturbed.prepared(source: source.url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try migrate("sample --rows 2000 --dirty 4").exitCode == 0)
    let (exitCode, report) = try migrate.json("plan profile")
    #expect(exitCode == 4)
    #expect(try psql(target.url, "select count(*) from customers") == "0")

    var foretold: [Refusal: Int] = [:]
    for finding in items(report["findings"]) where finding["kind"] == "refused" {
      guard case .text(let what)? = finding["what"], case .int(let count)? = finding["count"],
        let words = what.split(separator: ": ").last?.split(separator: ",")[0].split(separator: " ")
      else { continue }
      foretold[Refusal(place: String(words[0]), reason: String(words[1])), default: 0] += count
    }
    #expect(try migrate("run --all").exitCode == 5)
    let rows = try psql(
      target.url,
      """
      select t.name || '.' || coalesce(q.column_name, ''), q.reason, count(*)
      from migrate.quarantine q join migrate.table_state t on t.id = q.table_id
      where q.code = 'ERR_003' group by 1, 2
      """)
    var happened: [Refusal: Int] = [:]
    for line in rows.split(separator: "\n") {
      let cells = line.split(separator: "|").map(String.init)
      happened[Refusal(place: cells[0], reason: cells[1])] = Int(cells[2])
    }
    #expect(happened.count > 30)
    #expect(foretold == happened)
  }

  @Test func fieldsThatThePlanDropsAreNamedWithTheirShare() throws {
    let (source, target) = (try TemporaryDatabase("legacy"), try TemporaryDatabase("nxt"))
    let migrate = try Undisturbed.prepared(source: source.url, target: target.url)
    #expect(try migrate("sample --rows 1000").exitCode == 0)
    try psql(source.url, "alter table legacy_customers add coupon text")
    try psql(
      source.url,
      "update legacy_customers set coupon = 'X' where id in (select id from legacy_customers limit 31)"
    )
    let (exitCode, report) = try migrate.json("plan profile customers")
    #expect(exitCode == 4)
    let findings = items(report["findings"])
    #expect(findings.count == 1)
    #expect(findings.first?["kind"] == "dropped")
    #expect(findings.first?["path"] == "coupon")
    #expect(findings.first?["count"] == 31)
    #expect(
      findings.first?["what"]
        == "3.1% of legacy_customers have \"coupon\", which the plan drops")

    let fields = items(items(report["sources"]).first?["fields"])
    let coupon = fields.first { $0["path"] == "coupon" }
    #expect(coupon?["nulls"] == 969)
    #expect(coupon?["longest"] == 1)
    let sample = try migrate.json("plan profile customers --sample 10").document
    #expect(items(sample["sources"]).first?["sample"] == true)
    #expect(items(sample["sources"]).first?["examined"] == 10)
    #expect(items(sample["sources"]).first?["total"] == 1000)
  }

  @Test func whatIsNotThereIsSaid() throws {
    let (source, target) = (try TemporaryDatabase("legacy"), try TemporaryDatabase("nxt"))
    let migrate = try Undisturbed.prepared(source: source.url, target: target.url)
    let missing = try migrate("plan profile customers")
    #expect(missing.exitCode == 1)
    #expect(missing.errors.contains("the source has no table legacy_customers"))
    let unknown = try migrate("plan profile custmers")
    #expect(unknown.exitCode == 3)
    #expect(unknown.errors.contains("did you mean \"customers\"?"))
  }

  private func items(_ value: JSONValue?) -> [JSONValue] {
    if case .array(let items)? = value { items } else { [] }
  }
}
