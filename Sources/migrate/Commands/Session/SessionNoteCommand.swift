import MigrationCore

/// `migrate session note`: writes down what people decide while a migration runs.
enum SessionNoteCommand {
  static let page = CommandPage(
    words: ["session", "note"], group: .migrate,
    summary: "Keep a note with the session: who, when, what; also while it runs.",
    operands: [Operand(name: "TEXT", help: "What is to be remembered.", isRequired: true)],
    examples: [("migrate session note \"application stopped, window begins\"", "for the timeline")],
    exitCodes: [.done, .failed, .usage, .configuration], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let opened = try OpenLedger(invocation)
    guard let text = invocation.operands.first, !text.isEmpty else {
      throw UsageError.badValue("", of: "TEXT", expected: "some words")
    }
    try opened.ledger.addNote(text, session: opened.session.id, by: OperatorName.current)
    if opened.console.isJSON {
      opened.console.result([
        "session": .int(opened.session.id),
        "notes": .int(try opened.ledger.notes(session: opened.session.id).count),
      ])
    } else {
      opened.console.result("noted in \(opened.session.label)")
    }
    return .done
  }
}
