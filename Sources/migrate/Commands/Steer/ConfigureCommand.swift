import MigrationCore

/// `migrate configure`: changes settings of the running migration, or of the unfinished one.
enum ConfigureCommand {
  static let lanes = Option.text(
    "parallel", "N|auto",
    help: "The number of chunks to move in parallel; applies from the next chunk.",
    check: CountOption.lanes)
  static let batchSize = Option.text(
    "batch-size", "N|auto",
    help: "The number of rows of a chunk; applies to tables that are not yet divided into "
      + "chunks.")
  static let batchSizes = Option.text(
    "batch-sizes", "TABLE:N,…", help: "The same for single tables: customers:1000,products:500.")
  static let maxRejects = Option.text(
    "max-rejects", "N|auto",
    help: "Stop if more rows than this are quarantined; auto uses the plan. Applies "
      + "immediately.")
  static let maxMinutes = Option.text(
    "max-minutes", "N|auto",
    help: "Pause this many minutes after the start of the run. Applies immediately.")
  static let maxRetries = Option.text(
    "max-retries", "N", help: "The number of retries of a chunk; applies from the next table.")
  static let timeout = Option.text(
    "timeout", "TIME|+N%",
    help: "The time limit of a chunk (600000 ms, 10m, 0 for none), or an increase (+100%); "
      + "applies from the next table.")
  static let throttle = Option.text(
    "throttle", "N%",
    help: "The share of time that lanes rest, up to 95%; applies from the next chunk.")
  static let auto = Option.flag(
    "auto", help: "Let the engine choose lanes and chunk sizes, without rest.")

  static let page = CommandPage(
    words: ["configure"], group: .migrate,
    summary: "Change settings of the running or unfinished migration, from any terminal.",
    discussion: [
      "A running migration takes the change within a second; each option says when it "
        + "applies. If none is running, the unfinished migration uses it when it continues. "
        + "Options of a later command line take precedence. Existing chunks never change: "
        + "their boundaries guarantee that every row is loaded once.",
      "Without options, shows the configured settings.",
    ],
    options: [
      lanes.spec, batchSize.spec, batchSizes.spec, maxRejects.spec, maxMinutes.spec,
      maxRetries.spec, timeout.spec, throttle.spec, auto.spec,
    ],
    examples: [
      ("migrate configure --batch-size 500 --parallel 1", "smaller transactions"),
      ("migrate configure --throttle 50%", "rest half of the time"),
      ("migrate configure --timeout +100%", "double the time limit of a chunk"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], settingsByFlag: false, isAudited: true,
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SteeringTarget(invocation)
    let running = try target.steering.running()
    let ledger = target.opened.ledger
    guard
      let session = try running.flatMap({ try ledger.session($0.session) })
        ?? ledger.latestOpenSession()
    else { return UnfinishedRun.showNothingLeft(target) }
    let known = try tables(of: session, invocation, target)
    let changes = try ConfigureChanges(invocation, session, target.opened.settings, known).read()
    guard !changes.isEmpty else {
      return showConfigured(RunAdjustments(session.settings), target.console)
    }
    var isTaken = false
    if let running {
      isTaken = try send(changes, to: running, target)
    }
    if !isTaken { try ledger.configure(session: session.id, changes) }
    return show(changes, running: isTaken ? running : nil, target.console)
  }

  /// Returns the session's tables; before its first run, those of its plan.
  private static func tables(
    of session: Session, _ invocation: Invocation, _ target: SteeringTarget
  ) throws -> [String] {
    let entered = try target.opened.ledger.tables(session: session.id).map(\.name)
    guard entered.isEmpty, invocation[batchSizes] != nil else { return entered }
    let settings = target.opened.settings
    let location = try invocation.planLocation(settings, otherwise: session.plan)
    return try settings.plan(at: location.planFile).tables.map(\.name)
  }

  /// Returns false if the run ended before it took the change.
  private static func send(
    _ changes: RunAdjustments, to run: Run, _ target: SteeringTarget
  ) throws -> Bool {
    guard let request = try target.steering.ask(.configure, changes.json) else { return false }
    return try target.steering.waitUntilTaken(request, run: run.id, for: .seconds(30))
  }

  private static func showConfigured(_ settings: RunAdjustments, _ console: Console) -> ExitCode {
    if console.isJSON {
      console.result(["configured": settings.json])
    } else if settings.isEmpty {
      console.result("nothing is configured; the command line, settings and plan apply")
    } else {
      console.result("configured: \(AdjustmentsText.line(settings))")
    }
    return .done
  }

  private static func show(
    _ changes: RunAdjustments, running: Run?, _ console: Console
  ) -> ExitCode {
    if console.isJSON {
      console.result([
        "changes": changes.json, "run": running.map { .id($0.id) } ?? .null,
        "taken": .bool(running != nil),
      ])
      return .done
    }
    console.result("configured: \(AdjustmentsText.line(changes))")
    console.result(
      running.map { "run \($0.id) applies it" }
        ?? "nothing is running; it applies when the migration continues: migrate resume")
    if changes.batchSize != nil || !changes.batchSizes.isEmpty {
      console.result("tables that are already divided into chunks keep them")
    }
    return .done
  }
}
