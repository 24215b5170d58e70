import Glibc
import MigrationCore
import Postgres

/// What follows on its own from how a run ended, as the plan's triggers say.
struct RunTriggers {
  private let request: RunRequest
  private let invocation: Invocation
  private let settings: Settings
  private let console: Console
  private let log: RunLog?

  init(
    _ request: RunRequest, _ invocation: Invocation, _ settings: Settings, _ console: Console,
    _ log: RunLog?
  ) {
    (self.request, self.invocation) = (request, invocation)
    (self.settings, self.console, self.log) = (settings, console, log)
  }

  /// Does what the plan says, and returns what was done; nil if nothing follows.
  func response(to outcome: RunOutcome) -> TriggerResponse? {
    let triggers = request.plan.triggers
    if let trigger = Trigger(outcome, triggers) {
      return noted(answer(trigger.kind == .errors ? trigger.withPatterns(request) : trigger))
    }
    guard outcome.ending == .completed, !outcome.isDryRun, triggers.names(.validation) else {
      return nil
    }
    return validated(outcome.session, triggers).map(noted)
  }

  /// Returns nil if the validation says GO. A validation that could not run is no reason to delete rows.
  private func validated(_ session: Int, _ triggers: Triggers) -> TriggerResponse? {
    StopSignals.release()
    do {
      guard let why = try RunValidation(request, invocation, settings, console).refusal() else {
        return nil
      }
      return answer(Trigger(validation: why, session: session, triggers))
    } catch {
      let report = FailureReport(error)
      let what = "could not validate: \(report.what)"
      return TriggerResponse(
        Trigger(validation: what, session: session, triggers),
        .failed(what: what, remedy: report.remedy ?? "try again: migrate validate"))
    }
  }

  private func noted(_ response: TriggerResponse) -> TriggerResponse {
    log?.triggered(response)
    return response
  }

  private func answer(_ trigger: Trigger) -> TriggerResponse {
    guard trigger.action != .stop else { return TriggerResponse(trigger, .stopped) }
    // What comes now is not the run's to pause.
    StopSignals.release()
    guard mayRollBack(trigger) else { return TriggerResponse(trigger, .left) }
    console.note("\(trigger.kind.rawValue): \(trigger.command)")
    do {
      let record = try noting(trigger) {
        try trigger.rollBack(request, tell: { console.note($0) })
      }
      return TriggerResponse(trigger, .rolledBack(record))
    } catch let error as MigrationError where error.reason == "nothingToRollBack" {
      return TriggerResponse(trigger, .stopped)
    } catch {
      let report = FailureReport(error)
      return TriggerResponse(
        trigger,
        .failed(what: report.what, remedy: report.remedy ?? "try again: \(trigger.command)"))
    }
  }

  private func mayRollBack(_ trigger: Trigger) -> Bool {
    switch request.rollback ?? request.plan.triggers.rollback {
    case .off: return false
    case .on: return true
    case .ask:
      guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return false }
      console.errors.write(
        "\(trigger.what)\nThe plan wants this: \(trigger.command)\n"
          + "Type \(request.plan.name) to have it done now: ")
      return readLine() == request.plan.name
    }
  }

  /// Notes the rollback in the audit log as if it had been typed; if that fails, the rollback is not made.
  private func noting(
    _ trigger: Trigger, _ body: () throws -> RollbackRecord
  ) throws -> RollbackRecord {
    guard settings.value(.isAuditing) else { return try body() }
    let trail = AuditTrail(
      folder: RunLogging.folder(invocation, settings), redactor: settings.redactor)
    let begun = ContinuousClock.now
    let number = try trail.begin(
      trigger.command.split(separator: " ").map(String.init),
      target: settings.value(.target)?.redacted, plan: request.plan.name,
      because: "trigger \(trigger.kind.rawValue): \(trigger.what)")
    var code = ExitCode.failed
    defer {
      try? trail.end(
        of: number, exitCode: Int(code.rawValue), seconds: (.now - begun) / .seconds(1),
        Program.ledger(settings))
    }
    let record = try body()
    code = .done
    return record
  }
}
