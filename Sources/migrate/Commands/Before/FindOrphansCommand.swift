import MigrationCore

/// `migrate find-orphans`: references that match no row, before or after a migration.
enum FindOrphansCommand {
  static let place = Option.text(
    "in", "PLACE", choices: ["source", "target"],
    help: "Check the rows of the source or of the target (default: source).")

  static let page = CommandPage(
    words: ["find-orphans"], group: .check,
    summary: "Find references that match no row, in the source or in the target.",
    discussion: [
      "In the source: transforms every row into a scratch schema, in a transaction that is "
        + "rolled back. Shows rows that would be quarantined and values that would become "
        + "null. The --json document has the statement that finds them.",
      "With --in target: runs the checks of validate --layers references. Exits with 4 if "
        + "there are any, and with 0 and a warning if the sources are empty.",
    ],
    options: [
      place.spec, SharedOptions.tables.spec, SharedOptions.rate.spec,
      SharedOptions.statementTimeout.spec,
    ],
    examples: [
      ("migrate find-orphans", "before a migration"),
      ("migrate find-orphans --in target --table inventory", "after it"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration, .validation, .locked], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    let tables = try invocation.tables(target.plan)
    if invocation[place] == "target" {
      var request = ValidationRequest(plan: target.plan)
      (request.layers, request.tables) = ([.references], tables)
      return try ValidateCommand.perform(request, target, invocation)
    }
    let (findings, read) = try SourceOrphans.find(invocation.readiness(target), tables: tables)
    let console = target.console
    if console.isJSON {
      let members: [(String, JSONValue)] = [
        ("plan", .text(target.plan.name)), ("findings", .array(findings.map(\.json))),
      ]
      console.result(.object(JSONObject(members + CheckedRows(read: read).json)))
    } else {
      show(findings, CheckedRows(read: read), console)
    }
    return findings.isEmpty ? .done : .validation
  }

  private static func show(
    _ findings: [ValidationFinding], _ read: CheckedRows, _ console: Console
  ) {
    for finding in findings {
      console.result("\(finding.severity.rawValue): \(finding.what)")
      if !finding.examples.isEmpty {
        console.result("  for example: \(finding.examples.joined(separator: " · "))")
      }
    }
    guard !findings.isEmpty else {
      return read.show(good: "every reference matches a row", console)
    }
    let count = findings.reduce(0) { $0 + $1.count }
    console.result("\(console.output.mark(.failure)) \(CountText.of(count, "orphan"))")
  }
}
