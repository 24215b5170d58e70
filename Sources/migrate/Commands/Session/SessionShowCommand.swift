import MigrationCore

/// `migrate session show`: shows one migration in full.
enum SessionShowCommand {
  static let page = CommandPage(
    words: ["session", "show"], group: .watch,
    summary: "Show one migration: plan, settings, notes, tables, timeline.",
    operands: [
      Operand(name: "SESSION", help: "The number or name of the session (default: the newest).")
    ],
    examples: [
      ("migrate session show", "the newest session"),
      ("migrate session show production-2026-03 --json", "another session, as JSON"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let opened = try OpenLedger(invocation)
    let session = try opened.session(called: invocation.operands.first)
    let ledger = opened.ledger
    let timeline = try SessionTimeline(session, ledger)
    let sheets = try ledger.balance(session: session.id)
    if opened.console.isJSON {
      guard case .object(var document) = SessionText.document(session) else { return .failed }
      document["settings"] = session.settings
      document["tables"] = .array(sheets.map(BooksText.json))
      document["notes"] = .array(try ledger.notes(session: session.id).map(SessionText.document))
      document["timeline"] = .array(timeline.events.map(SessionText.document))
      opened.console.result(.object(document))
      return .done
    }
    for line in SessionText.lines(session, sheets, timeline) { opened.console.result(line) }
    return .done
  }
}

extension OpenLedger {
  /// Returns a session by its number or name, or the newest.
  func session(called word: String?) throws -> Session {
    guard let word else { return session }
    guard let found = try ledger.session(called: word) else {
      let known = try ledger.sessions().map { $0.title ?? "\($0.id)" }
      throw MigrationError(
        .configuration, "unknown session \"\(word)\"",
        remedy: Hint.nearest(to: word, in: known, otherwise: "see migrate session list"))
    }
    return found
  }
}
