import MigrationCore

/// `migrate backup verify`: verifies that a backup can be restored.
enum BackupVerifyCommand {
  static let page = CommandPage(
    words: ["backup", "verify"], group: .undo,
    summary: "Verify a backup by restoring it into a temporary server.",
    discussion: [
      "Checks the checksum of every file and the archive's table of contents. Restores "
        + "everything into a private PostgreSQL server in a temporary folder, and removes it "
        + "afterwards. Compares row counts, hashes, sequences and definitions with the "
        + "manifest.",
      "Requires PostgreSQL's server programs (initdb, postgres) on this machine, not older "
        + "than the server of the backup, and space for the database in TMPDIR. Does not "
        + "connect to any configured database.",
      "Of MongoDB backups, reads and counts every document. A dump made directly by "
        + "pg_dump or mongodump has no manifest: its files must be complete, and the restored "
        + "row counts must match the dump. Exits with 4 if a check fails.",
    ],
    operands: [
      Operand(name: "BACKUP", help: "The name or path of a backup (default: the newest).")
    ],
    examples: [
      ("migrate backup verify", "the newest"),
      ("migrate backup verify ./old/nightly.sql.gz", "a dump made by pg_dump"),
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
  /// Returns the backup of the command line: a name in the backup folder, or a path.
  func find(_ invocation: Invocation) throws -> BackupPlace {
    guard let name = invocation.operands.first else { return .own(try work.folder.find(nil)) }
    guard name.contains("/") || name.contains(".") else { return .own(try work.folder.find(name)) }
    return try BackupPlace(path: invocation.path(name))
  }
}
