import MigrationCore

/// `migrate find-orphans`: references that match no row, before a migration or after it.
enum FindOrphansCommand {
  static let place = Option.text(
    "in", "PLACE", choices: ["source", "target"],
    help: "Look at the source's rows or at the target's; the source if not given.")

  static let page = CommandPage(
    words: ["find-orphans"], group: .check,
    summary: "Find references that lead nowhere, in the source or in the target.",
    discussion: [
      "In the source: every row goes through the plan's rules into a scratch schema, in a transaction "
        + "that is rolled back; shown are rows that would be set aside and values that would become "
        + "null, with the statement that finds them in the --json document. In the target: what "
        + "validate --layers references looks at. The exit code is 4 if there are any, and 0 with a warning "
        + "if the sources are empty."
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
      console.result(.object(JSONObject(members + RowsLookedAt(read: read).json)))
    } else {
      tell(findings, RowsLookedAt(read: read), console)
    }
    return findings.isEmpty ? .done : .validation
  }

  private static func tell(
    _ findings: [ValidationFinding], _ read: RowsLookedAt, _ console: Console
  ) {
    for finding in findings {
      console.result("\(finding.severity.rawValue): \(finding.what)")
      if !finding.examples.isEmpty {
        console.result("  for example: \(finding.examples.joined(separator: " · "))")
      }
    }
    guard !findings.isEmpty else {
      return read.tell(good: "every reference leads to a row", console)
    }
    let count = findings.reduce(0) { $0 + $1.count }
    console.result("\(console.output.mark(.failure)) \(count) references lead nowhere")
  }
}
