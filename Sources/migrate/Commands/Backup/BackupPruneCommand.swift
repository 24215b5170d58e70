import MigrationCore

/// `migrate backup prune`: removes backups that are incomplete, too many or too old.
enum BackupPruneCommand {
  static let keep = Option.integer(
    "keep", "N", in: 1...100_000, otherwise: 0,
    help: "Keep the N newest of the target and the N newest of the source.")
  static let olderThan = Option.integer(
    "older-than", "DAYS", in: 0...36_500, otherwise: -1, help: "Only those that are older.")

  static let page = CommandPage(
    words: ["backup", "prune"], group: .undo,
    summary: "Remove backups that are incomplete, and those that are too many or too old.",
    discussion: [
      "Without options only incomplete backups go. With both --keep and --older-than a backup goes if "
        + "neither keeps it. The newest verified backup of the target, and that of the source, always stay."
    ],
    options: [keep.spec, olderThan.spec, SharedOptions.dryRun.spec, SharedOptions.yes.spec],
    examples: [
      ("migrate backup prune --dry-run --keep 5", "show what would go"),
      ("migrate backup prune --older-than 30 --yes", "remove those of more than 30 days"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let setup = try BackupSetup(invocation)
    let days = invocation[olderThan]
    let pruning = BackupPruning(
      keep: invocation[keep] > 0 ? invocation[keep] : nil,
      maximumAge: days >= 0 ? .seconds(days * 86_400) : nil)
    let going = pruning.candidates(try setup.work.folder.all())
    let isRehearsal = invocation[SharedOptions.dryRun]
    if !isRehearsal, !going.isEmpty {
      try invocation.confirm(
        "This removes \(going.count) backups: \(going.map(\.backup.name).joined(separator: ", ")).",
        word: "remove", yes: invocation[SharedOptions.yes])
      for candidate in going { try BackupPruning.remove(candidate.backup) }
    }
    tell(going, isRehearsal, setup.console)
    return .done
  }

  private static func tell(
    _ going: [BackupPruning.Candidate], _ isRehearsal: Bool, _ console: Console
  ) {
    guard !console.isJSON else {
      let list = going.map { candidate -> JSONValue in
        ["name": .text(candidate.backup.name), "reason": .text(candidate.reason)]
      }
      return console.result(["dryRun": .bool(isRehearsal), "removed": .array(list)])
    }
    for candidate in going {
      let verb = isRehearsal ? "would remove" : "removed"
      console.result("\(verb) \(candidate.backup.name): \(candidate.reason)")
    }
    if going.isEmpty { console.result("nothing to remove") }
  }
}
