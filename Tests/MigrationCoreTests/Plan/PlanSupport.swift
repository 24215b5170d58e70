import Foundation
import Testing

@testable import MigrationPlan

/// The folder of the package.
let planPackageRoot = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// Reads a plan from text, as a file called `plan.json5`.
func readPlan(_ text: String) throws(PlanFaults) -> Plan {
  try PlanReader.read(bytes: Array(text.utf8), file: "plan.json5")
}

/// The faults of a plan that must not be read.
func planFaults(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) -> [PlanFault] {
  do {
    _ = try readPlan(text)
    Issue.record("the plan was read without a fault", sourceLocation: sourceLocation)
    return []
  } catch {
    return error.faults
  }
}

/// A plan with one table `t` fed from `old`, whose column `c` has a rule.
func planText(rule: String) -> String { planText(columns: "c: \(rule)") }

func planText(columns: String, table: String = "", more: String = "") -> String {
  """
  {
  name: "test", source: { kind: "postgres" },
  tables: {
  t: { from: "old", key: "id", \(table) columns: {
  \(columns)
  } },
  \(more)
  } }
  """
}

/// The rule that a text reads as.
func readRule(_ text: String) throws -> Rule {
  let table = try #require(try readPlan(planText(rule: text)).tables.first)
  return try #require(table.feeds.first?.columns.first?.rule)
}

/// A rule as Swift prints it, to compare rules, which are not equatable.
func shownRule(_ rule: Rule) -> String { String(describing: rule) }
