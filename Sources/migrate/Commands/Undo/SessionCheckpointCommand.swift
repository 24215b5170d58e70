import MigrationCore

/// `migrate session checkpoint`: sets a named checkpoint.
enum SessionCheckpointCommand {
  static let page = CommandPage(
    words: ["session", "checkpoint"], group: .undo,
    summary: "Set a named checkpoint to roll back to; also during a run.",
    discussion: [
      "migrate rollback --checkpoint NAME deletes the rows committed since: chunk by "
        + "chunk, including rows that retries loaded. For tables that refer to themselves or "
        + "to each other, and for merged tables, it deletes all rows if any was loaded since. "
        + "Each complete table sets a checkpoint itself, such as customers_completed."
    ],
    operands: [Operand(name: "NAME", help: "The name of the checkpoint.", isRequired: true)],
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
        "session": .id(opened.session.id), "checkpoint": .text(checkpoint.name),
        "at": .text(checkpoint.set.description), "by": .text(checkpoint.by),
      ])
    } else {
      opened.console.result("checkpoint \(checkpoint.name) of \(opened.session.label) is set")
    }
    return .done
  }
}
