import MigrationCore

/// `migrate restart`: pauses a running migration and continues with other settings.
enum RestartCommand {
  static let optimized = Option.flag(
    "optimized", help: "Let the engine choose lanes and chunk sizes again, without rest.")
  static let lowMemory = Option.flag(
    "low-memory",
    help: "Use one lane, and chunks of 1,000 rows for tables that are not yet divided into "
      + "chunks.")
  static let autoRetry = Option.flag(
    "auto-retry",
    help: "Retry chunks up to 10 times after transient failures, and retry quarantined rows at "
      + "the end.")

  static let page = CommandPage(
    words: ["restart"], group: .migrate,
    summary: "Pause the running migration and continue it here with other settings.",
    discussion: [
      "Waits until a running migration, on any machine, has finished its current chunks. "
        + "Then continues it here in the foreground with the remaining chunks. Loads nothing "
        + "twice. The settings stay with the migration. If none is running, continues the "
        + "unfinished migration immediately.",
      "To start again from nothing: migrate run --fresh.",
    ],
    options: [
      optimized.spec, lowMemory.spec, autoRetry.spec, RunCommand.lanes.spec,
      RunCommand.batchSize.spec, RunCommand.maxRejects.spec, RunCommand.acceptRejects.spec,
      RunCommand.maxMinutes.spec,
      RunCommand.throttle.spec, RunCommand.rollback.spec,
    ],
    examples: [
      ("migrate restart --low-memory", "if memory is short"),
      ("migrate restart --optimized", "return to automatic settings"),
    ],
    exitCodes: RunCommand.page.exitCodes, isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    guard !(invocation[optimized] && invocation[lowMemory]) else {
      throw UsageError.conflict("--optimized", with: "--low-memory")
    }
    let target = try SteeringTarget(invocation)
    if let running = try target.steering.running() {
      let ending = try target.pause(running, waiting: SteeringTarget.patience)
      if case .working = ending {
        return try EndingReport(target: target, run: running, ending: ending).tell()
      }
    }
    guard let session = try target.opened.ledger.latestOpenSession() else {
      return UnfinishedRun.showNothingLeft(target)
    }
    let changes = changes(invocation)
    if !changes.isEmpty {
      try target.opened.ledger.configure(session: session.id, changes)
    }
    guard let request = try UnfinishedRun(target, invocation).request() else {
      return UnfinishedRun.showNothingLeft(target)
    }
    return try RunCommand.perform(
      request, invocation, target.opened.settings, target.console,
      retriesAtEnd: invocation[autoRetry])
  }

  private static func changes(_ invocation: Invocation) -> RunAdjustments {
    var changes = RunAdjustments()
    if invocation[optimized] {
      (changes.lanes, changes.batchSize, changes.throttle) = (.automatic, .automatic, 0)
    }
    if invocation[lowMemory] {
      (changes.lanes, changes.batchSize) = (.exactly(1), .exactly(1000))
    }
    if invocation[autoRetry] { changes.maximumRetries = 10 }
    return changes
  }
}
