import MigrationCore

/// Sends notifications about a run.
struct RunNotices {
  private let notices: Notices
  private let plan: String

  init(
    _ request: RunRequest, _ invocation: Invocation, _ settings: Settings, _ console: Console,
    _ log: RunLog?
  ) {
    plan = request.plan.name
    notices = Notices(invocation, settings, console, plan: plan, log: log)
  }

  var observer: RunObserver {
    { [notices, plan] event in
      switch event {
      case .began(let session, _):
        notices.post(
          .runStarted,
          "\(plan): \(session.label) \(session.isContinued ? "continued" : "started")",
          [("session", .id(session.id))])
      case .tableEnded(let table):
        notices.post(
          .tableDone, "\(plan): \(table.name): \(BooksText.line(table.sheet))",
          [("table", BooksText.json(table.sheet))])
      default: break
      }
    }
  }

  func ended(_ outcome: RunOutcome) {
    let details: [(String, JSONValue)] = [
      ("session", .id(outcome.session)), ("seconds", .double(outcome.duration / .seconds(1))),
      ("openRows", .int(outcome.openRows)),
      ("tables", .array(outcome.tables.map { BooksText.json($0.sheet) })),
    ]
    switch outcome.ending {
    case .completed:
      let loaded = outcome.tables.reduce(0) { $0 + $1.sheet.loaded }
      notices.post(
        .runDone,
        "\(plan): done, \(CountText.of(loaded, "row")) loaded, \(GroupedNumber.text(outcome.openRows)) quarantined",
        details)
    case .paused(let cause):
      notices.post(.runPaused, "\(plan): paused (\(cause.text)) with chunks left", details)
    case .stopped(let code, let what):
      notices.post(.limit, "\(plan): stopped, \(code.rawValue): \(what)", details)
    }
  }

  /// Sends notifications about the action of a trigger, if any.
  func followed(_ response: TriggerResponse?) {
    guard let response else { return }
    let details = [("trigger", response.json)]
    if response.trigger.kind == .validation {
      notices.post(.validationFailed, "\(plan): NO-GO: \(response.trigger.what)", details)
    }
    switch response.result {
    case .stopped: break
    case .left, .rolledBack, .failed:
      notices.post(.rollback, "\(plan): \(response.words)", details)
    }
  }

  func failed(_ error: any Error) {
    notices.post(.runFailed, failure: error, of: "\(plan): the run")
    finish()
  }

  /// Waits briefly for pending notifications; Ctrl+C ends the program meanwhile.
  func finish() {
    guard notices.isSet else { return }
    StopSignals.release()
    notices.finish()
  }
}
