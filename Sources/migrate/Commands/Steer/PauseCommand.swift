import MigrationCore

/// `migrate pause`: lets a running migration finish the current chunks and end.
enum PauseCommand {
  static let page = CommandPage(
    words: ["pause"], group: .migrate,
    summary: "Let the running migration finish the chunks in hand and pause, from any terminal.",
    discussion: [
      "The wish goes through the ledger in the target, so that it reaches a migration on any machine. "
        + "The command waits until the migration has ended, and says what is committed and how to go "
        + "on. While an index is built the migration pauses after it. Where nothing is running, nothing "
        + "is done, and the exit code is 0; it is 1 when the time is up before the migration has ended."
    ],
    options: [SteeringTarget.timeout.spec],
    examples: [
      ("migrate pause", "pause it and wait for that"),
      ("migrate pause --timeout 30s", "and give up waiting after half a minute"),
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

/// `migrate stop`: ends a running migration, at once if need be.
enum StopCommand {
  static let now = Option.flag(
    "now", help: "Cancel the statements in hand; the chunks in hand are rolled back.")

  static let page = CommandPage(
    words: ["stop"], group: .migrate,
    summary: "End the running migration from any terminal, with --now at once.",
    discussion: [
      "Without --now it does what pause does. With --now the chunks in hand are rolled back, and an "
        + "index that is being built is given up; both are done again when the migration goes on. "
        + "Nothing that is committed is touched either way, and no row is lost or comes twice.",
      "A program that has not taken the wish within 10 s hangs, or is cut off from the target: then "
        + "--now lets the target's server close its sessions. It can do no more harm when it wakes up.",
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
