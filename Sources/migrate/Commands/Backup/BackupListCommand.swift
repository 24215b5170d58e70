import MigrationCore

/// `migrate backup list`: lists the backups with their state.
enum BackupListCommand {
  static let page = CommandPage(
    words: ["backup", "list"], group: .undo,
    summary: "List the backups with their contents and state.",
    discussion: [
      "Lists the newest first. Checks manifests and file sizes; migrate backup verify "
        + "checks every byte.",
      "States: verified; not verified; failed (the last verification found an error); "
        + "damaged (a file is missing or has another size, or the manifest is invalid); "
        + "incomplete (interrupted); being written.",
    ],
    examples: [
      ("migrate backup list", "a table"), ("migrate backup list --json", "with every table"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let setup = try BackupSetup(invocation)
    let console = setup.console
    let backups = try setup.work.folder.all()
    if console.isJSON {
      console.result([
        "folder": .text(setup.work.folder.path), "backups": .array(backups.map(\.json)),
      ])
      return .done
    }
    guard !backups.isEmpty else {
      console.result("no backups in \(setup.work.folder.path)")
      return .done
    }
    let heading = ["name", "of", "contents", "size", "rows", "state"]
    console.result(TextLayout.table([heading] + backups.map(row)))
    for backup in backups {
      if let reason = backup.state.reason { console.result("\(backup.name): \(reason)") }
    }
    if backups.contains(where: { $0.state == .incomplete }) {
      console.result(
        "incomplete backups cannot be restored; remove them: migrate backup prune --yes")
    }
    return .done
  }

  private static func row(_ backup: Backup) -> [String] {
    guard let manifest = backup.manifest else {
      return [backup.name, "", "", "", "", backup.state.word]
    }
    let hasRows = manifest.contents != .schema
    return [
      backup.name, "\(manifest.origin.role) \(manifest.origin.database)",
      manifest.contents.rawValue,
      ByteCount.text(manifest.byteCount), hasRows ? GroupedNumber.text(manifest.holds.rows) : "",
      backup.state.word,
    ]
  }
}
