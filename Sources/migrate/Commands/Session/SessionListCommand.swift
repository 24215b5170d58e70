import MigrationCore

/// `migrate session list`: lists the migrations of this target.
enum SessionListCommand {
  static let page = CommandPage(
    words: ["session", "list"], group: .watch,
    summary: "List the migrations of this target, newest first.",
    examples: [("migrate session list", "numbers, names, states")],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let ledger = try Ledger(Databases(settings).target(), schema: settings.value(.ledgerSchema))
    let sessions = try OpenLedger.isThere(ledger) ? try ledger.sessions() : []
    if console.isJSON {
      console.result(["sessions": .array(sessions.map(SessionText.document))])
    } else if sessions.isEmpty {
      console.result("this target has no migration")
    } else {
      for session in sessions { console.result(SessionText.line(session)) }
    }
    return .done
  }
}
