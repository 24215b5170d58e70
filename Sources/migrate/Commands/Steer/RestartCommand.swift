import MigrationCore

/// `migrate restart`: pauses a running migration and continues with other settings.
enum RestartCommand {
  static let optimized = Option.flag(
    "optimized", help: "Let the engine choose lanes and chunk sizes again, and do not rest.")
  static let lowMemory = Option.flag(
    "low-memory",
    help: "One lane, and chunks of 1000 rows for tables that are not cut into chunks yet.")
  static let autoRetry = Option.flag(
    "auto-retry",
    help:
      "Try chunks again up to 10 times after failures that may pass, and at the end try the rows "
      + "again that were set aside.")

  static let page = CommandPage(
    words: ["restart"], group: .migrate,
    summary: "Pause the running migration and go on here with other settings.",
    discussion: [
      "A running migration, on whichever machine, finishes the chunks in hand and ends; then it goes on "
        + "here, in the foreground, with the chunks that are left. Nothing is loaded again. The settings "
        + "stay with the migration. Where nothing is running, the unfinished migration goes on at once. "
        + "To begin from nothing is another thing: migrate run --fresh."
    ],
    options: [
      optimized.spec, lowMemory.spec, autoRetry.spec, RunCommand.lanes.spec,
      RunCommand.batchSize.spec, RunCommand.maxRejects.spec, RunCommand.acceptRejects.spec,
      RunCommand.maxMinutes.spec,
      RunCommand.throttle.spec, RunCommand.rollback.spec,
    ],
    examples: [
      ("migrate restart --low-memory", "where memory is short"),
      ("migrate restart --optimized", "back to what the engine chooses"),
    ],
    exitCodes: RunCommand.page.exitCodes, isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    guard !(invocation[optimized] && invocation[lowMemory]) else {
      throw UsageError.badValue(
        "--low-memory", of: "--optimized", expected: "one of the two, for they contradict")
    }
    let target = try SteeringTarget(invocation)
    if let running = try target.steering.running() {
      let ending = try target.pause(running, waiting: SteeringTarget.patience)
      if case .working = ending {
        return try EndingReport(target: target, run: running, ending: ending).tell()
      }
    }
    guard let session = try target.opened.ledger.latestOpenSession() else {
      return UnfinishedRun.tellNothingLeft(target)
    }
    let changes = changes(invocation)
    if !changes.isEmpty {
      try target.opened.ledger.configure(session: session.id, changes)
    }
    guard let request = try UnfinishedRun(target, invocation).request() else {
      return UnfinishedRun.tellNothingLeft(target)
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
