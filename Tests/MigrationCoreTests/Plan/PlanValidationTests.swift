import Testing

@testable import MigrationPlan

/// Business rules and timed queries, as a plan says them.
@Suite struct PlanValidationTests {
  private func plan(_ more: String) throws -> Plan {
    try PlanReader.read(
      bytes: Array(
        """
        {
          name: "shop", source: { kind: "postgres" },
          tables: { items: { from: "old", key: "id", columns: { id: "id" } } },
          \(more)
        }
        """.utf8), file: "plan.json5")
  }

  private func fault(_ more: String) -> String {
    do {
      _ = try plan(more)
      return "no fault"
    } catch let faults as PlanFaults {
      return faults.faults.map(\.description).joined(separator: "\n")
    } catch {
      return "\(error)"
    }
  }

  @Test func areRead() throws {
    let plan = try plan(
      """
      rules: {
        "a": { table: "items", that: "id > 0", message: "no" },
        "b": { table: "items", group: "g", severity: "warning", offenders: "SELECT 1", message: "m", repair: "R" },
      },
      queries: { "q": { sql: "SELECT $1", arguments: "SELECT 1", limit: 20 } },
      """)
    #expect(plan.rules.map(\.name) == ["a", "b"])
    #expect(plan.rules[0].group == "items")
    #expect(plan.rules[0].severity == .high)
    #expect(plan.rules[0].test == .condition("id > 0"))
    #expect(plan.rules[1].test == .offenders("SELECT 1"))
    #expect(plan.rules[1].repair == "R")
    #expect(plan.queries.first?.limit == .milliseconds(20))
  }

  @Test(arguments: [
    (#"rules: { a: { table: "items", message: "m" } }"#, "the rule has no test"),
    (
      #"rules: { a: { table: "items", message: "m", that: "x", offenders: "y" } }"#,
      "a rule has either"
    ),
    (#"rules: { a: { table: "item", message: "m", that: "x" } }"#, "unknown word \"item\""),
    (#"rules: { a: { table: "items", that: "x" } }"#, "\"message\" is missing"),
    (
      #"rules: { a: { table: "items", message: "m", that: "x", severity: "bad" } }"#,
      "unknown word \"bad\""
    ),
    (#"rules: [1]"#, "expected an object with a rule for each name"),
    (#"queries: { q: { sql: "SELECT 1" } }"#, "\"limit\" is missing"),
    (#"queries: { q: { sql: "SELECT 1", limit: 0 } }"#, "from 1 to"),
    (#"queries: { q: { sql: "SELECT 1", limt: 5, limit: 1 } }"#, "did you mean \"limit\"?"),
  ])
  func faultsAreTold(_ text: String, _ expected: String) {
    #expect(fault(text).contains(expected), "\(fault(text))")
  }
}
