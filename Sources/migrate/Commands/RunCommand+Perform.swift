import MigrationCore

extension RunCommand {
  /// Runs a request to its end in the foreground: signals, progress, log, report, exit code.
  static func perform(
    _ request: RunRequest, _ invocation: Invocation, _ settings: Settings, _ console: Console,
    retriesAtEnd: Bool = false
  ) throws -> ExitCode {
    let control = RunControl()
    StopSignals.lead(to: control)
    let log = RunLogging.open(invocation, settings, console, command: request.command)
    let lines = RunProgressLines(console, settings, request).observer
    let observer: RunObserver = { event in
      lines(event)
      log?.observer(event)
    }
    let outcome = try logging(log) {
      try MigrationRun.run(request, control: control, observer: observer)
    }
    log?.ended(outcome)
    guard retriesAtEnd, outcome.ending == .completed, outcome.openRows > 0 else {
      RunReport(outcome, request).tell(console)
      return exitCode(outcome)
    }
    console.note("trying the \(outcome.openRows) rows again that were set aside")
    let retried = try retry(request)
    RunReport(outcome, request, retried: retried).tell(console)
    return retried.contains { $0.failed + $0.gone > 0 } ? .quarantine : .done
  }

  private static func logging(
    _ log: RunLog?, _ body: () throws -> RunOutcome
  ) throws -> RunOutcome {
    do { return try body() } catch {
      let report = FailureReport(error)
      log?.failed(
        [report.what, report.place, report.remedy].compactMap { $0 }.joined(separator: "; "))
      throw error
    }
  }

  /// The server frees the lock of the run's connection a moment after it was closed.
  private static func retry(_ request: RunRequest) throws -> [QuarantineRetry.Outcome] {
    let deadline = ContinuousClock.now + .seconds(5)
    while true {
      do { return try QuarantineRetry.run(request) } catch let error as LedgerError {
        guard error.code == .heldByAnother, ContinuousClock.now < deadline else { throw error }
      }
    }
  }

  private static func exitCode(_ outcome: RunOutcome) -> ExitCode {
    switch outcome.ending {
    case .completed: outcome.openRows > 0 ? .quarantine : .done
    case .stopped: .limit
    case .paused(.terminated): .terminated
    case .paused: .paused
    }
  }
}

/// Opens the log of runs as the settings say.
enum RunLogging {
  /// Returns nil where the log can't be written, which is told and stops nothing.
  static func open(
    _ invocation: Invocation, _ settings: Settings, _ console: Console, command: String
  ) -> RunLog? {
    let limits = LogFile.Limits(
      bytes: settings.value(.logSize), files: settings.value(.logFiles))
    do throws(LedgerError) {
      return RunLog(
        try LogFile(folder: folder(invocation, settings), limits: limits),
        level: settings.value(.logLevel), interval: settings.value(.progressInterval),
        redactor: settings.redactor, command: command)
    } catch {
      console.warn("there will be no log: \(error.description)")
      return nil
    }
  }

  static func folder(_ invocation: Invocation, _ settings: Settings) -> String {
    let folder = settings.value(.logFolder)
    return folder.hasPrefix("/") ? folder : invocation.program.folder + "/" + folder
  }
}
