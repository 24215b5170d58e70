import MigrationCore
import Postgres

/// `migrate verify-consolidation`: verifies tables with several sources.
enum VerifyConsolidationCommand {
  static let page = CommandPage(
    words: ["verify-consolidation"], group: .validate,
    summary: "Verify that every source of a table is loaded, without duplicates.",
    discussion: [
      "For each table with several sources: compares the rows of each source now, the rows "
        + "read, and the row counts of the ledger, and looks for duplicates. Changes nothing. "
        + "Exits with 4 if a check fails."
    ],
    options: [SharedOptions.statementTimeout.spec],
    examples: [("migrate verify-consolidation", "vendors and suppliers, after the run")],
    exitCodes: [.done, .failed, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    let found = try Consolidation.look(
      target.plan, target: target.connect(), ledgerSchema: target.settings.value(.ledgerSchema),
      source: Databases(target.settings).sourcePlace(target.plan.source),
      reading: target.settings.readingLimits())
    let console = target.console
    if console.isJSON {
      console.result([
        "good": .bool(found.isGood), "parts": .array(found.parts.map(document)),
        "findings": .array(found.findings.map(\.json)),
      ])
    } else {
      show(found, console)
    }
    return found.isGood ? .done : .validation
  }

  private static func show(_ found: Consolidation, _ console: Console) {
    for part in found.parts {
      let mark = console.output.mark(part.isComplete ? .pass : .failure)
      console.result(
        "\(mark) \(part.table) from \(part.source): \(number(part.read)) read, \(number(part.loaded)) loaded, "
          + "\(number(part.merged)) merged, \(number(part.aside)) quarantined "
          + "(\(CountText.of(part.duplicates, "duplicate")))")
    }
    for finding in found.findings {
      console.result("\(finding.severity.rawValue): \(finding.what); \(finding.remedy)")
    }
    guard !found.isGood || found.parts.contains(where: { $0.read > 0 }) else {
      console.result(
        "\(console.output.mark(.warning)) no source has rows")
      return
    }
    let mark = console.output.mark(found.isGood ? .pass : .failure)
    console.result(
      found.isGood ? "\(mark) every source is loaded" : "\(mark) not every source is loaded")
  }

  private static func number(_ count: Int) -> String { GroupedNumber.text(count) }

  private static func document(_ part: Consolidation.Part) -> JSONValue {
    [
      "table": .text(part.table), "source": .text(part.source),
      "sourceRows": part.rows.map(JSONValue.int) ?? .null, "read": .int(part.read),
      "loaded": .int(part.loaded), "merged": .int(part.merged), "setAside": .int(part.aside),
      "duplicates": .int(part.duplicates), "complete": .bool(part.isComplete),
    ]
  }
}
