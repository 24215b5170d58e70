import MigrationCore

/// `migrate resume`: continues the unfinished migration.
enum ResumeCommand {
  static let page = CommandPage(
    words: ["resume"], group: .migrate,
    summary: "Continue the unfinished migration with its own tables and options.",
    discussion: [
      "Withdraws a request to pause that the running migration has not taken yet. If none "
        + "is running, continues here in the foreground, with the tables, conditions and "
        + "limits of the migration, and its configured settings. Options of this command line "
        + "take precedence.",
      "Exits with 8 if a migration is running without a request to pause.",
    ],
    options: [
      RunCommand.lanes.spec, RunCommand.batchSize.spec, RunCommand.timeout.spec,
      RunCommand.maxRetries.spec, RunCommand.maxRejects.spec, RunCommand.acceptRejects.spec,
      RunCommand.maxMinutes.spec,
      RunCommand.until.spec, RunCommand.throttle.spec, RunCommand.rollback.spec,
    ],
    examples: [("migrate resume", "after a pause, a failure or a power cut")],
    exitCodes: RunCommand.page.exitCodes, isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SteeringTarget(invocation)
    if let running = try target.steering.running() {
      if try target.opened.ledger.withdraw(.pause, run: running.id) > 0 {
        return showWithdrawn(running, target.console)
      }
      try waitForPause(running, target)
    }
    guard let request = try UnfinishedRun(target, invocation).request() else {
      return UnfinishedRun.showNothingLeft(target)
    }
    return try RunCommand.perform(request, invocation, target.opened.settings, target.console)
  }

  private static func showWithdrawn(_ run: Run, _ console: Console) -> ExitCode {
    if console.isJSON {
      console.result(["run": .id(run.id), "state": "running", "withdrawn": true])
    } else {
      console.result("withdrew the request to pause; run \(run.id) continues")
    }
    return .done
  }

  /// Waits for a run that is pausing; fails by the lock if another one runs.
  private static func waitForPause(_ run: Run, _ target: SteeringTarget) throws {
    guard try target.opened.ledger.isEnding(run: run.id) else {
      return try target.opened.ledger.lock()
    }
    target.console.note("run \(run.id) is pausing; waiting for it")
    _ = try target.steering.waitForEnd(of: run, for: SteeringTarget.patience)
  }
}

/// The unfinished migration with its options.
struct UnfinishedRun {
  private let target: SteeringTarget
  private let invocation: Invocation

  init(_ target: SteeringTarget, _ invocation: Invocation) {
    (self.target, self.invocation) = (target, invocation)
  }

  /// Returns the request that continues the open session; nil if none is open.
  func request() throws -> RunRequest? {
    guard let session = try target.opened.ledger.latestOpenSession() else { return nil }
    var request = try RunCommandRequest(invocation, target.opened.settings)
      .make(plan: session.plan)
    guard request.plan.name == session.plan else {
      throw MigrationError(
        .configuration,
        "the unfinished migration belongs to plan \(session.plan), not to \(request.plan.name)",
        place: "session \(session.id)", remedy: "continue it first: pass --plan \(session.plan)")
    }
    RunOptions(session).apply(to: &request)
    request.command = "migrate \(invocation.page.name)"
    return request
  }

  static func showNothingLeft(_ target: SteeringTarget) -> ExitCode {
    let session = target.opened.session
    if target.console.isJSON {
      target.console.result([
        "state": "notRunning", "session": .id(session.id),
        "sessionStatus": .text("\(session.status)"),
      ])
    } else {
      target.console.result(
        "nothing is left to do: session \(session.id) of \(session.name) is \(session.status)")
    }
    return .done
  }
}
