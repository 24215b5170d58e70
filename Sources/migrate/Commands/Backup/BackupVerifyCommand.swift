import MigrationCore

/// `migrate backup verify`: verifies that a backup can be restored.
enum BackupVerifyCommand {
  static let page = CommandPage(
    words: ["backup", "verify"], group: .undo,
    summary: "Prove a backup by restoring it into a server that is thrown away.",
    discussion: [
      "It checks the checksum of every file, reads the archive's table of contents, restores everything "
        + "into a private PostgreSQL in a temporary folder (reached by a Unix socket alone, removed "
        + "afterwards), and compares the count and the hash of every table, the sequences and the "
        + "definitions with the manifest. Only then the backup is called verified. That needs PostgreSQL's "
        + "server programs on this machine (initdb, postgres), not older than the server that was backed up, "
        + "and room for the database in TMPDIR. No database of the settings is touched.",
      "Of MongoDB backups every document is read and counted. A file or folder that pg_dump or mongodump made "
        + "without this program has no manifest. It must be whole in itself, and have as many rows as come "
        + "back; whether it holds what the database held is not known. The exit code is 4 if anything is wrong.",
    ],
    operands: [
      Operand(name: "BACKUP", help: "A name, or the path of a backup; the newest if not given.")
    ],
    examples: [
      ("migrate backup verify", "the newest"),
      ("migrate backup verify ./old/nightly.sql.gz", "a dump of another program"),
    ],
    exitCodes: [
      .done, .failed, .usage, .configuration, .validation, .limit, .interrupted, .terminated,
    ],
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let setup = try BackupSetup(invocation)
    let outcome: BackupVerification.Outcome
    switch try setup.find(invocation) {
    case .own(let backup): outcome = try BackupVerification(setup.work).run(backup)
    case .foreign(let file): outcome = try ForeignVerification(setup.work).run(file)
    }
    if setup.console.isJSON {
      setup.console.result(outcome.json)
    } else {
      BackupText.verified(outcome, setup.console)
    }
    return outcome.isVerified ? .done : .validation
  }
}

extension BackupSetup {
  /// The backup that a command line names: one of the folder, or a path.
  func find(_ invocation: Invocation) throws -> BackupPlace {
    guard let name = invocation.operands.first else { return .own(try work.folder.find(nil)) }
    guard name.contains("/") || name.contains(".") else { return .own(try work.folder.find(name)) }
    return try BackupPlace(path: invocation.path(name))
  }
}
