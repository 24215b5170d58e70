import MigrationCore

/// `migrate resume`: continues with the migration that was paused, whatever paused it.
enum ResumeCommand {
  static let page = CommandPage(
    words: ["resume"], group: .migrate,
    summary: "Go on with the unfinished migration, with its own tables and options.",
    discussion: [
      "Takes back a wish to pause that the running migration has not seen yet. If none is running, it "
        + "goes on here, in the foreground, with the tables, conditions and limits that the migration "
        + "was begun with, and what was configured since. Options given here come before those.",
      "A migration that is running, and that nobody asked to pause, is left alone: exit code 8.",
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
        return tellWithdrawn(running, target.console)
      }
      try waitOrRefuse(running, target)
    }
    guard let request = try UnfinishedRun(target, invocation).request() else {
      return UnfinishedRun.tellNothingLeft(target)
    }
    return try RunCommand.perform(request, invocation, target.opened.settings, target.console)
  }

  private static func tellWithdrawn(_ run: Run, _ console: Console) -> ExitCode {
    if console.isJSON {
      console.result(["run": .int(run.id), "state": "running", "withdrawn": true])
    } else {
      console.result("the wish to pause is taken back; run \(run.id) goes on")
    }
    return .done
  }

  /// A run that was asked to pause is about to end; any other one is found by the lock.
  private static func waitOrRefuse(_ run: Run, _ target: SteeringTarget) throws {
    guard try target.opened.ledger.isEnding(run: run.id) else {
      return try target.opened.ledger.lock()
    }
    target.console.note("run \(run.id) is pausing; waiting for it")
    _ = try target.steering.waitForEnd(of: run, for: SteeringTarget.patience)
  }
}

/// The migration that is not finished, and what was asked of it.
struct UnfinishedRun {
  private let target: SteeringTarget
  private let invocation: Invocation

  init(_ target: SteeringTarget, _ invocation: Invocation) {
    (self.target, self.invocation) = (target, invocation)
  }

  /// Returns what to run to continue with the open session; nil if none is open.
  func request() throws -> RunRequest? {
    guard let session = try target.opened.ledger.latestOpenSession() else { return nil }
    var request = try RunCommandRequest(invocation, target.opened.settings)
      .make(plan: session.plan)
    guard request.plan.name == session.plan else {
      throw MigrationError(
        .configuration,
        "the unfinished migration is of the plan \(session.plan), not of \(request.plan.name)",
        place: "session \(session.id)", remedy: "go on with it first: --plan \(session.plan)")
    }
    RunOptions(session).apply(to: &request)
    request.command = "migrate \(invocation.page.name)"
    return request
  }

  static func tellNothingLeft(_ target: SteeringTarget) -> ExitCode {
    let session = target.opened.session
    if target.console.isJSON {
      target.console.result([
        "state": "notRunning", "session": .int(session.id),
        "sessionStatus": .text("\(session.status)"),
      ])
    } else {
      target.console.result(
        "nothing is left to do: session \(session.id) of \(session.name) is \(session.status)")
    }
    return .done
  }
}
