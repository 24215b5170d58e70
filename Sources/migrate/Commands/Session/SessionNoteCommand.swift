import MigrationCore

/// `migrate session note`: adds a note to the session.
enum SessionNoteCommand {
  static let page = CommandPage(
    words: ["session", "note"], group: .migrate,
    summary: "Add a note to the session, with author and time; also during a run.",
    operands: [Operand(name: "TEXT", help: "The note.", isRequired: true)],
    examples: [("migrate session note \"application stopped, window begins\"", "for the timeline")],
    exitCodes: [.done, .failed, .usage, .configuration], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let opened = try OpenLedger(invocation)
    guard let text = invocation.operands.first, !text.isEmpty else {
      throw UsageError.badValue("", of: "TEXT", expected: "a text")
    }
    try opened.ledger.addNote(text, session: opened.session.id, by: OperatorName.current)
    if opened.console.isJSON {
      opened.console.result([
        "session": .id(opened.session.id),
        "notes": .int(try opened.ledger.notes(session: opened.session.id).count),
      ])
    } else {
      opened.console.result("note added to \(opened.session.label)")
    }
    return .done
  }
}
