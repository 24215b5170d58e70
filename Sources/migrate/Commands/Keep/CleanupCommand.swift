import MigrationCore

/// `migrate cleanup`: removes leftovers of interrupted runs.
enum CleanupCommand {
  static let page = CommandPage(
    words: ["cleanup"], group: .tool,
    summary: "Remove temporary files and tables that interrupted runs left behind.",
    discussion: [
      "Removes files that were being written when a process was killed, the checkpoint "
        + "file of an ended session, and staging tables of ended sessions. Keeps everything "
        + "that a migration could still need. Exits with 8 while a migration runs."
    ],
    options: [SharedOptions.dryRun.spec],
    examples: [("migrate cleanup --dry-run", "list what would be removed")],
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
      console.result("nothing to clean up")
    } else {
      for thing in cleanup.removed {
        console.result("\(isDryRun ? "would remove" : "removed") \(thing)")
      }
    }
    return .done
  }
}
