import Glibc
import MigrationCore

extension RunCommand {
  /// Runs a request in the foreground, with signals, progress, log and report; returns the exit code.
  static func perform(
    _ request: RunRequest, _ invocation: Invocation, _ settings: Settings, _ console: Console,
    retriesAtEnd: Bool = false
  ) throws -> ExitCode {
    let control = RunControl()
    var request = request
    request.acceptsRestored = { state in
      // Ctrl+C at the question ends the program.
      StopSignals.release()
      try askToBegin(state, invocation, console)
      StopSignals.lead(to: control)
    }
    StopSignals.lead(to: control)
    let log = RunLogging.open(invocation, settings, console, command: request.command)
    let progress = RunProgressLines(console, settings, request)
    let lines = progress.observer
    // Dry runs send no notifications.
    let notices =
      request.dryRun ? nil : RunNotices(request, invocation, settings, console, log)
    let notify = notices?.observer
    let observer: RunObserver = { event in
      lines(event)
      log?.observer(event)
      notify?(event)
    }
    let outcome = try logging(log, notices) {
      try MigrationRun.run(request, control: control, observer: observer)
    }
    log?.ended(outcome)
    notices?.ended(outcome)
    var retried: [QuarantineRetry.Outcome]?
    if retriesAtEnd, outcome.ending == .completed, outcome.openRows > 0 {
      StopSignals.release()
      console.note("retrying \(CountText.of(outcome.openRows, "quarantined row"))")
      retried = try request.afterTheRun { try QuarantineRetry.run(request) }
    }
    let response = RunTriggers(request, invocation, settings, console, log)
      .response(to: outcome)
    notices?.followed(response)
    RunReport(
      outcome, request, log: log?.path, told: progress.told, retried: retried, response: response
    ).tell(console)
    notices?.finish()
    try RejectsAudit(request, invocation, settings).note(outcome)
    return exitCode(outcome, request, retried, response)
  }

  /// Asks on the terminal; a script goes on, for nothing is lost by it, and is told what is kept.
  private static func askToBegin(
    _ state: FullRollbackState, _ invocation: Invocation, _ console: Console
  ) throws {
    let loss = "migrate rollback undo drops what a run loads now"
    guard !invocation[SharedOptions.yes], isatty(STDIN_FILENO) == 1 else {
      return console.warn("\(state.kept); \(loss)")
    }
    try invocation.confirm("\(state.kept);\n\(loss).", word: state.target, yes: false)
  }

  private static func logging(
    _ log: RunLog?, _ notices: RunNotices?, _ body: () throws -> RunOutcome
  ) throws -> RunOutcome {
    do { return try body() } catch {
      let report = FailureReport(error)
      log?.failed(
        [report.what, report.place, report.remedy].compactMap { $0 }.joined(separator: "; "))
      notices?.failed(error)
      throw error
    }
  }

  private static func exitCode(
    _ outcome: RunOutcome, _ request: RunRequest, _ retried: [QuarantineRetry.Outcome]?,
    _ response: TriggerResponse?
  ) -> ExitCode {
    if let response {
      if case .failed = response.result { return .failed }
      if response.trigger.kind == .validation { return .validation }
    }
    let open =
      retried.map { $0.reduce(0) { $0 + $1.failed + $1.gone + $1.untold } } ?? outcome.openRows
    return switch outcome.ending {
    case .completed:
      open > 0 && !outcome.isAccepted(by: request) ? .quarantine : .done
    case .stopped: .limit
    case .paused(.terminated): .terminated
    case .paused: .paused
    }
  }
}

/// Opens the log of runs according to the settings.
enum RunLogging {
  /// Returns nil and warns if the log cannot be written.
  static func open(
    _ invocation: Invocation, _ settings: Settings, _ console: Console, command: String
  ) -> RunLog? {
    let limits = LogFile.Limits(
      bytes: settings.value(.logSize), files: settings.value(.logFiles))
    do throws(MigrationError) {
      return RunLog(
        try LogFile(folder: folder(invocation, settings), limits: limits),
        level: settings.value(.logLevel), interval: settings.value(.progressInterval),
        redactor: settings.redactor, command: command)
    } catch {
      console.warn("could not open the log; the run continues without: \(error.description)")
      return nil
    }
  }

  static func folder(_ invocation: Invocation, _ settings: Settings) -> String {
    invocation.path(settings.value(.logFolder))
  }
}
