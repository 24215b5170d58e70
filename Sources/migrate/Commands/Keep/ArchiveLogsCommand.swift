import MigrationCore

/// `migrate archive-logs`: compresses logs and removes old archives.
enum ArchiveLogsCommand {
  static let keep = Option.integer(
    "keep-days", "N", in: 0...36_500, otherwise: 90,
    help: "The number of days to keep archives (default: 90).")

  static let page = CommandPage(
    words: ["archive-logs"], group: .tool,
    summary: "Compress logs into an archive, and remove old archives.",
    discussion: [
      "Compresses migrate.log with its rotated files, and the logs of rejected rows of "
        + "earlier sessions, into the folder archive next to them. Keeps the newest log of "
        + "rejected rows, because its session may continue, and the audit log, which is one "
        + "chain."
    ],
    options: [keep.spec, SharedOptions.dryRun.spec],
    examples: [("migrate archive-logs", "at the end of the maintenance window")],
    exitCodes: [.done, .failed, .usage, .configuration], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let isDryRun = invocation[SharedOptions.dryRun]
    let folders = [
      RunLogging.folder(invocation, settings), ReportFile.folder(settings, invocation),
    ]
    let archive = try LogArchive(
      folders: folders, keepDays: invocation[keep], dryRun: isDryRun)
    if console.isJSON {
      console.result([
        "dryRun": .bool(isDryRun), "archived": .array(archive.archived.map(JSONValue.text)),
        "removed": .array(archive.removed.map(JSONValue.text)),
      ])
      return .done
    }
    let (would, done) = isDryRun ? ("would archive", "would remove") : ("archived", "removed")
    for path in archive.archived { console.result("\(would) \(path)") }
    for path in archive.removed { console.result("\(done) \(path)") }
    if archive.archived.isEmpty, archive.removed.isEmpty {
      console.result("nothing to archive")
    }
    return .done
  }
}
