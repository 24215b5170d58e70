import MigrationCore

/// `migrate status --check`: whether ledger, checkpoint file and target agree.
enum StatusCheck {
  static func run(_ invocation: Invocation) throws -> ExitCode {
    let opened = try OpenLedger(invocation)
    try StatusCommand.removeCheckpoint(invocation, opened.ledger, opened.console)
    let location = try invocation.planLocation(opened.settings, otherwise: opened.session.plan)
    let plan = try opened.settings.plan(at: location.planFile)
    let findings = try StateCheck(
      opened.ledger, opened.session, plan,
      checkpoint: CheckpointFile(invocation.program.folder + "/" + CheckpointFile.defaultName)
    ).run()
    let failures = findings.count { $0.verdict == .failure }
    if opened.console.isJSON {
      opened.console.result([
        "session": .id(opened.session.id), "agrees": .bool(failures == 0),
        "failures": .int(failures), "findings": .array(findings.map(document)),
      ])
    } else {
      for finding in findings { tell(finding, opened.console) }
      opened.console.result(
        failures == 0
          ? "everything agrees" : "\(failures) of \(CountText.of(findings.count, "check")) failed")
    }
    return failures == 0 ? .done : .validation
  }

  static func tell(_ finding: StateCheck.Finding, _ console: Console) {
    console.result("\(console.output.mark(finding.verdict)) \(finding.name): \(finding.finding)")
    if let remedy = finding.remedy { console.result("    hint: \(remedy)") }
  }

  static func document(_ finding: StateCheck.Finding) -> JSONValue {
    [
      "name": .text(finding.name), "verdict": .text(finding.verdict.rawValue),
      "finding": .text(finding.finding), "toDo": .optional(finding.remedy),
    ]
  }
}
