import MigrationCore

/// `migrate session stop`: closes the session.
enum SessionStopCommand {
  static let abandon = Option.flag(
    "abandon", help: "Abandon a migration with chunks left; its loaded rows stay.")

  static let page = CommandPage(
    words: ["session", "stop"], group: .migrate,
    summary: "Close the session; requires --abandon if chunks are left.",
    discussion: [
      "Reports that a session with only done tables is already complete. Closes a session "
        + "that loaded nothing. With --abandon, abandons a session with chunks left: restores "
        + "suspended indexes and constraints, and keeps the committed rows in the target. "
        + "Exits with 8 while a migration runs."
    ],
    operands: [
      Operand(name: "SESSION", help: "The number or name of the session (default: the open one).")
    ],
    options: [abandon.spec],
    examples: [("migrate session stop", "at the end of the maintenance window")],
    exitCodes: [.done, .failed, .usage, .configuration, .locked], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let opened = try OpenLedger(invocation)
    let word = invocation.operands.first
    let open = try word == nil ? opened.ledger.latestOpenSession() : nil
    let session = try SessionKeeping(opened.ledger).stop(
      open ?? opened.session(called: word), abandons: invocation[abandon])
    let console = opened.console
    if console.isJSON {
      console.result(SessionText.document(session))
    } else {
      console.result("\(session.label) of \(session.plan) is \(session.status)")
      if session.status == .abandoned, invocation[abandon] {
        console.result("its loaded rows stay in the target")
      }
    }
    return .done
  }
}
