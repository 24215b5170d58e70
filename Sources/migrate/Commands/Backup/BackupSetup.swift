import MigrationCore

/// What all commands about backups begin with.
struct BackupSetup {
  let settings: Settings
  let console: Console
  let work: BackupWork

  /// - Parameter url: a URL of the command line whose secrets must not be shown.
  init(_ invocation: Invocation, hiding url: DatabaseURL? = nil) throws {
    let (settings, plain) = try invocation.settingsAndConsole()
    var console = plain
    if let url { console.redactor.add(url) }
    let control = RunControl()
    StopSignals.lead(to: control)
    (self.settings, self.console) = (settings, console)
    let noting = console
    work = BackupWork(
      folder: BackupFolder(invocation.path(settings.value(.backupFolder))), settings: settings,
      environment: invocation.environment, control: control, note: { noting.note($0) })
  }

  var databases: Databases { Databases(settings) }

  /// The names in an option such as `--tables a,b`; nil if it was not given.
  static func names(_ text: String?) -> [String]? {
    text.map { list in
      list.split(separator: ",").map { name in
        var name = name.drop { $0 == " " }
        while name.last == " " { name.removeLast() }
        return String(name)
      }
    }
  }
}

/// Backups as people read them.
enum BackupText {
  /// - Parameter isVerified: Whether its verification is shown next, which names the backup and its size itself.
  static func created(
    _ backup: Backup, _ manifest: BackupManifest, isVerified: Bool, _ console: Console
  ) {
    if !isVerified {
      let mark = console.output.mark(.pass)
      console.result("\(mark) Backup created: \(backup.name)")
      console.result("\(mark) Backup size: \(ByteCount.text(manifest.byteCount))")
    }
    console.result(
      "   \(CountText.of(manifest.holds.rows, "row")) in \(CountText.of(manifest.holds.filledTables.count, "table")), in \(backup.path)"
    )
    let times = manifest.times
    console.result(
      "   dumped in \(time(times.dump)), counted and hashed in \(time(times.counting)) meanwhile, "
        + "checksums in \(time(times.checksums))")
  }

  static func verified(_ outcome: BackupVerification.Outcome, _ console: Console) {
    let mark = console.output.mark(outcome.isVerified ? .pass : .failure)
    guard outcome.isVerified else {
      console.result("\(mark) \(outcome.name) is NOT verified")
      for finding in outcome.findings { console.result("   \(finding.what)") }
      return
    }
    guard outcome.hasManifest else { return readable(outcome, console) }
    let holds = outcome.manifest?.holds
    console.result("\(mark) Backup created: \(outcome.name)")
    if let manifest = outcome.manifest {
      console.result("\(mark) Backup size: \(ByteCount.text(manifest.byteCount))")
    }
    console.result(
      "\(mark) Backup integrity: Verified (\(CountText.of(outcome.manifest?.files.count ?? 0, "file")) of \(outcome.name))"
    )
    let test =
      outcome.server.map { "Restore test: Passed (PostgreSQL \($0))" } ?? "Reading test: Passed"
    console.result("\(mark) \(test)")
    if holds?.rows ?? 0 == 0 {
      console.result(
        "\(console.output.mark(.warning)) the backup has no rows (\(CountText.of(holds?.tables.count ?? 0, "table"))): "
          + "only its definitions were compared")
    } else {
      console.result(
        "   \(CountText.of(holds?.rows ?? 0, "row")) in \(CountText.of(holds?.filledTables.count ?? 0, "table")) are unchanged"
      )
    }
    console.result(
      "   checksums \(time(outcome.checkMilliseconds)), restore \(time(outcome.restoreMilliseconds)), "
        + "comparison \(time(outcome.compareMilliseconds))")
  }

  /// A backup of others: its contents can be reported, but not whether they are complete.
  private static func readable(_ outcome: BackupVerification.Outcome, _ console: Console) {
    let mark = console.output.mark(.pass)
    let holds = outcome.manifest?.holds
    let test =
      outcome.server.map { "Restore test: Passed (PostgreSQL \($0))" } ?? "Reading test: Passed"
    console.result("\(mark) \(test): \(outcome.name)")
    let hasRows = holds?.rows ?? 0 > 0
    console.result(
      (hasRows ? "  " : console.output.mark(.warning))
        + " \(CountText.of(holds?.rows ?? 0, "row")) in \(CountText.of(holds?.filledTables.count ?? 0, "table"))"
    )
    for remark in outcome.remarks { console.result("   \(remark)") }
    console.result(
      "   no manifest: cannot verify that this is what the database held")
  }

  static func restored(_ outcome: BackupRestore.Outcome, _ console: Console) {
    let isEqual = outcome.differences.isEmpty
    let mark = console.output.mark(isEqual ? .pass : .failure)
    console.result("\(mark) \(outcome.backup) is restored into \(outcome.database)")
    let rows = outcome.rows.map { "\(CountText.of($0, "row")) in " } ?? ""
    let proof =
      outcome.proof.map { "no manifest; \($0)" }
      ?? (outcome.rows == nil
        ? "there are no counts to compare with" : "compared with the manifest")
    console.result(
      isEqual
        ? "   \(rows)\(CountText.of(outcome.tables, "table")), \(proof)"
        : "   the restored rows differ from the backup:")
    for difference in outcome.differences { console.result("   \(difference)") }
    console.result(
      "   restored in \(time(outcome.restoreMilliseconds)), compared in \(time(outcome.compareMilliseconds))"
    )
  }

  static func time(_ milliseconds: Int) -> String {
    DurationText.short(.milliseconds(milliseconds))
  }
}
