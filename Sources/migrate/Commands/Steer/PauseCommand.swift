import MigrationCore

/// `migrate pause`: pauses a running migration after the current chunks.
enum PauseCommand {
  static let page = CommandPage(
    words: ["pause"], group: .migrate,
    summary: "Pause the running migration after the current chunks, from any terminal.",
    discussion: [
      "Sends the request through the ledger in the target, so it reaches a migration on "
        + "any machine. Waits until the migration has ended, and prints what is committed and "
        + "how to continue. A migration that builds an index pauses after it.",
      "If no migration is running, does nothing and exits with 0. Exits with 1 if the "
        + "migration has not ended in time.",
    ],
    options: [SteeringTarget.timeout.spec],
    examples: [
      ("migrate pause", "pause, and wait for the end"),
      ("migrate pause --timeout 30s", "wait for at most 30 seconds"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], settingsByFlag: false, isAudited: true,
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let time = try SteeringTarget.patience(invocation)
    let target = try SteeringTarget(invocation)
    let running = try target.steering.running()
    let ending = try running.map { try target.pause($0, waiting: time) }
    return try EndingReport(target: target, run: running, ending: ending).tell()
  }
}

/// `migrate stop`: stops a running migration, with `--now` immediately.
enum StopCommand {
  static let now = Option.flag(
    "now", help: "Cancel the current statements and roll back the current chunks.")

  static let page = CommandPage(
    words: ["stop"], group: .migrate,
    summary: "Stop the running migration from any terminal; immediately with --now.",
    discussion: [
      "Without --now, does the same as pause. With --now, rolls back the current chunks "
        + "and cancels a current index build; both run again when the migration continues. "
        + "Committed chunks stay either way; no row is lost or loaded twice.",
      "If a process has not taken the request within 10 s, it hangs or has lost the "
        + "target. Then --now makes the server of the target end its sessions, so that it "
        + "cannot write anymore.",
    ],
    options: [now.spec, SteeringTarget.timeout.spec],
    examples: [("migrate stop --now", "in an emergency")],
    exitCodes: [.done, .failed, .usage, .configuration], settingsByFlag: false, isAudited: true,
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let time = try SteeringTarget.patience(invocation)
    let target = try SteeringTarget(invocation)
    let running = try target.steering.running()
    let ending = try running.map {
      invocation[now]
        ? try target.steering.endNow($0, waiting: time, tell: { target.console.note($0) })
        : try target.pause($0, waiting: time)
    }
    return try EndingReport(target: target, run: running, ending: ending).tell()
  }
}
