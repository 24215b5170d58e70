import MigrationCore
import Postgres

/// `migrate verify-consolidation`: has every source of a table arrived in it?
enum VerifyConsolidationCommand {
  static let page = CommandPage(
    words: ["verify-consolidation"], group: .validate,
    summary: "Check that every source of a table has arrived in it, and no row twice.",
    discussion: [
      "For each table that several sources feed: how many rows each of them has and had when it was "
        + "read, and what became of them by the books; and whether any value that may be there once is "
        + "there more often. It reads, and changes nothing. The exit code is 4 where something is wrong."
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
      tell(found, console)
    }
    return found.isGood ? .done : .validation
  }

  private static func tell(_ found: Consolidation, _ console: Console) {
    for part in found.parts {
      let mark = console.output.mark(part.isComplete ? .pass : .failure)
      console.result(
        "\(mark) \(part.table) from \(part.source): \(part.read) read, \(part.loaded) loaded, "
          + "\(part.merged) merged, \(part.aside) set aside (\(part.duplicates) as duplicates)")
    }
    for finding in found.findings {
      console.result("\(finding.severity.rawValue): \(finding.what); \(finding.remedy)")
    }
    guard !found.isGood || found.parts.contains(where: { $0.read > 0 }) else {
      console.result(
        "\(console.output.mark(.warning)) no source had a row, so none has arrived")
      return
    }
    let mark = console.output.mark(found.isGood ? .pass : .failure)
    console.result(
      found.isGood ? "\(mark) every source has arrived" : "\(mark) not every source has arrived")
  }

  private static func document(_ part: Consolidation.Part) -> JSONValue {
    [
      "table": .text(part.table), "source": .text(part.source),
      "sourceRows": part.rows.map(JSONValue.int) ?? .null, "read": .int(part.read),
      "loaded": .int(part.loaded), "merged": .int(part.merged), "setAside": .int(part.aside),
      "duplicates": .int(part.duplicates), "complete": .bool(part.isComplete),
    ]
  }
}
