import MigrationCore

/// `migrate session checkpoint`: sets a named checkpoint.
enum SessionCheckpointCommand {
  static let page = CommandPage(
    words: ["session", "checkpoint"], group: .undo,
    summary: "Name what is committed now, to roll back to; also during a run.",
    discussion: [
      "migrate rollback --checkpoint NAME takes out what was committed since: chunk by chunk, with the "
        + "rows that retries brought. Of tables that refer to themselves or to each other, and of merged "
        + "ones, all goes where anything was loaded since. Each complete table sets a checkpoint by "
        + "itself, called customers_completed after it."
    ],
    operands: [Operand(name: "NAME", help: "What to call it.", isRequired: true)],
    examples: [
      ("migrate session checkpoint before-lunch", "then: migrate rollback --checkpoint …")
    ],
    exitCodes: [.done, .failed, .usage, .configuration], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let opened = try OpenLedger(invocation)
    guard let name = invocation.operands.first, !name.isEmpty else {
      throw UsageError.badValue("", of: "NAME", expected: "a name")
    }
    let checkpoint = try opened.ledger.setCheckpoint(name, session: opened.session.id)
    if opened.console.isJSON {
      opened.console.result([
        "session": .int(opened.session.id), "checkpoint": .text(checkpoint.name),
        "at": .text(checkpoint.set.description), "by": .text(checkpoint.by),
      ])
    } else {
      opened.console.result("checkpoint \(checkpoint.name) of \(opened.session.label) is set")
    }
    return .done
  }
}
