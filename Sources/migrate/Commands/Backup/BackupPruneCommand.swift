import MigrationCore

/// `migrate backup prune`: removes incomplete and old backups.
enum BackupPruneCommand {
  static let keep = Option.integer(
    "keep", "N", in: 1...100_000,
    help: "Keep the N newest backups of the target and the N newest of the source.")
  static let olderThan = Option.integer(
    "older-than", "DAYS", in: 0...36_500, help: "Remove only backups older than this.")

  static let page = CommandPage(
    words: ["backup", "prune"], group: .undo,
    summary: "Remove incomplete backups, and those beyond a number or an age.",
    discussion: [
      "Without options, removes only incomplete backups. With --keep and --older-than, "
        + "removes a backup only if both options would. Always keeps the newest verified "
        + "backup of the target and of the source."
    ],
    options: [keep.spec, olderThan.spec, SharedOptions.dryRun.spec, SharedOptions.yes.spec],
    examples: [
      ("migrate backup prune --dry-run --keep 5", "list what would be removed"),
      ("migrate backup prune --older-than 30 --yes", "remove backups older than 30 days"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let setup = try BackupSetup(invocation)
    let pruning = BackupPruning(
      keep: invocation[keep],
      maximumAge: invocation[olderThan].map { .seconds($0 * 86_400) })
    let expired = pruning.candidates(try setup.work.folder.all())
    let isDryRun = invocation[SharedOptions.dryRun]
    if !isDryRun, !expired.isEmpty {
      try invocation.confirm(
        "This removes \(CountText.of(expired.count, "backup")): \(expired.map(\.backup.name).joined(separator: ", ")).",
        word: "remove", yes: invocation[SharedOptions.yes])
      for candidate in expired { try BackupPruning.remove(candidate.backup) }
    }
    show(expired, isDryRun, setup.console)
    return .done
  }

  private static func show(
    _ expired: [BackupPruning.Candidate], _ isDryRun: Bool, _ console: Console
  ) {
    guard !console.isJSON else {
      let list = expired.map { candidate -> JSONValue in
        ["name": .text(candidate.backup.name), "reason": .text(candidate.reason)]
      }
      return console.result(["dryRun": .bool(isDryRun), "removed": .array(list)])
    }
    for candidate in expired {
      let verb = isDryRun ? "would remove" : "removed"
      console.result("\(verb) \(candidate.backup.name): \(candidate.reason)")
    }
    if expired.isEmpty { console.result("nothing to remove") }
  }
}
