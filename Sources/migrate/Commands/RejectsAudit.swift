import MigrationCore

/// Records in the audit log which tables ended with more rejects than their session allowed, and why.
struct RejectsAudit {
  private let request: RunRequest
  private let invocation: Invocation
  private let settings: Settings

  init(_ request: RunRequest, _ invocation: Invocation, _ settings: Settings) {
    (self.request, self.invocation, self.settings) = (request, invocation, settings)
  }

  func note(_ outcome: RunOutcome) throws {
    guard settings.value(.isAuditing), !outcome.acceptedByRun.isEmpty else { return }
    let trail = AuditTrail(
      folder: RunLogging.folder(invocation, settings), redactor: settings.redactor)
    for accepted in outcome.acceptedByRun {
      let number = try trail.begin(
        request.command.split(separator: " ").map(String.init),
        target: settings.value(.target)?.redacted, plan: request.plan.name,
        because: "rejects accepted: \(accepted.words)")
      try trail.end(of: number, exitCode: 0, seconds: 0, Program.ledger(settings))
    }
  }
}
