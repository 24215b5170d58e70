import MigrationCore

/// `migrate session stop`: closes the session.
enum SessionStopCommand {
  static let abandon = Option.flag(
    "abandon", help: "Give up a migration with work left; the rows that it brought stay.")

  static let page = CommandPage(
    words: ["session", "stop"], group: .migrate,
    summary: "Close the session; one with work left only with --abandon.",
    discussion: [
      "A session whose tables are all done is complete already, and this command says so. One in which "
        + "nothing was moved is closed. One with work left is refused: with --abandon it is given up, "
        + "indexes and constraints that are set aside come back, and what was committed stays in the "
        + "target. A migration that runs is not touched: exit code 8."
    ],
    operands: [
      Operand(name: "SESSION", help: "Its number or name (default: the one that is open).")
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
        console.result("its rows are still in the target")
      }
    }
    return .done
  }
}
