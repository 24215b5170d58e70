import Glibc
import MigrationCore
import Postgres

/// Runs the actions of the plan's triggers after a run.
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

  /// Performs the action of a trigger, and returns it; nil if no trigger applies.
  func response(to outcome: RunOutcome) -> TriggerResponse? {
    let triggers = request.plan.triggers
    if let trigger = Trigger(outcome, triggers) {
      return logged(answer(trigger.kind == .errors ? trigger.withPatterns(request) : trigger))
    }
    guard outcome.ending == .completed, !outcome.isDryRun, triggers.names(.validation) else {
      return nil
    }
    return validated(outcome.session, triggers).map(logged)
  }

  /// Returns nil if the verdict is GO. A validation that could not run never rolls back.
  private func validated(_ session: SessionID, _ triggers: Triggers) -> TriggerResponse? {
    StopSignals.release()
    do {
      guard let why = try RunValidation(request, invocation, settings, console).failure() else {
        return nil
      }
      return answer(Trigger(validation: why, session: session, triggers))
    } catch {
      let report = FailureReport(error)
      let what = "could not validate: \(report.what)"
      return TriggerResponse(
        Trigger(validation: what, session: session, triggers),
        .failed(what: what, remedy: report.remedy ?? "run it again: migrate validate"))
    }
  }

  private func logged(_ response: TriggerResponse) -> TriggerResponse {
    log?.triggered(response)
    return response
  }

  private func answer(_ trigger: Trigger) -> TriggerResponse {
    guard trigger.action != .stop else { return TriggerResponse(trigger, .stopped) }
    // Ctrl+C no longer pauses a run from here on.
    StopSignals.release()
    guard mayRollBack(trigger) else { return TriggerResponse(trigger, .left) }
    console.note("\(trigger.kind.rawValue): \(trigger.command)")
    do {
      let record = try recording(trigger) {
        try trigger.rollBack(request, tell: { console.note($0) })
      }
      return TriggerResponse(trigger, .rolledBack(record))
    } catch let error as MigrationError where error.kind == .nothingToDo {
      return TriggerResponse(trigger, .stopped)
    } catch {
      let report = FailureReport(error)
      return TriggerResponse(
        trigger,
        .failed(what: report.what, remedy: report.remedy ?? "run it again: \(trigger.command)"))
    }
  }

  private func mayRollBack(_ trigger: Trigger) -> Bool {
    switch request.rollback ?? request.plan.triggers.rollback {
    case .off: return false
    case .on: return true
    case .ask:
      guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return false }
      console.errors.write(
        "\(trigger.what)\nThe plan requires: \(trigger.command)\n"
          + "Type \(request.plan.name) to run it now: ")
      console.finish()
      return readLine() == request.plan.name
    }
  }

  /// Records the rollback in the audit log like a typed command; without the record, it does not run.
  private func recording(
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
