import MigrationCore

/// `migrate cleanup`: removes what interrupted programs left behind.
enum CleanupCommand {
  static let page = CommandPage(
    words: ["cleanup"], group: .tool,
    summary: "Remove temporary files and tables that interrupted runs left behind.",
    discussion: [
      "Files that were being written when a program was killed, the checkpoint file of a session that has "
        + "ended, and staging tables of sessions that have ended. Nothing that a migration could still "
        + "need is touched: while one is running it is refused with exit code 8."
    ],
    options: [SharedOptions.dryRun.spec],
    examples: [("migrate cleanup --dry-run", "show what would go")],
    exitCodes: [.done, .failed, .usage, .configuration, .locked], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let ledger = try Ledger(Databases(settings).target(), schema: settings.value(.ledgerSchema))
    let isDryRun = invocation[SharedOptions.dryRun]
    let cleanup = try Cleanup(
      folder: ReportFile.folder(settings, invocation),
      OpenLedger.isThere(ledger) ? ledger : nil, dryRun: isDryRun)
    for words in cleanup.leftAlone { console.warn(words) }
    if console.isJSON {
      console.result([
        "dryRun": .bool(isDryRun), "removed": .array(cleanup.removed.map(JSONValue.text)),
        "leftAlone": .array(cleanup.leftAlone.map(JSONValue.text)),
      ])
    } else if cleanup.removed.isEmpty {
      console.result("there is nothing to clean up")
    } else {
      for thing in cleanup.removed {
        console.result("\(isDryRun ? "would remove" : "removed") \(thing)")
      }
    }
    return .done
  }
}
