import MigrationCore

/// `migrate backup restore`: restores a backup.
enum BackupRestoreCommand {
  static let to = Option.text(
    "to", "URL", help: "The database to restore into (default: the target).")
  static let tables = Option.text(
    "tables", "A,B", help: "Restore only the rows of these tables, in one transaction.")
  static let replace = Option.flag(
    "replace", help: "Replace tables that contain rows.")
  static let jobs = Option.integer(
    "jobs", "N", in: 1...64,
    help: "The number of tables to restore in parallel into an empty database (default: as in "
      + "the dump)."
  )
  static let noOwners = Option.flag(
    "no-owners", help: "Skip owners and grants, for a server with other roles.")

  static let page = CommandPage(
    words: ["backup", "restore"], group: .undo,
    summary: "Restore a backup into the target or another database, and compare the tables.",
    discussion: [
      "Checks every file first. Restores several tables in parallel into an empty "
        + "database. In any other database, replaces the backup's tables in one transaction "
        + "and keeps all others. Requires --replace if tables contain rows.",
      "Afterwards compares row counts and hashes with the manifest, and exits with 4 if "
        + "they differ.",
      "Marks the database during the restore. If the restore is killed, every command "
        + "reports it; run the same restore again to finish it. With --tables, or for a backup "
        + "without definitions, restores the rows in one transaction and commits it only if "
        + "they match the manifest.",
    ],
    operands: [
      Operand(
        name: "BACKUP",
        help: "The name or path of a backup (default: the last verified one of the target)."
      )
    ],
    options: [
      to.spec, tables.spec, replace.spec, jobs.spec, noOwners.spec, SharedOptions.dryRun.spec,
      SharedOptions.yes.spec,
    ],
    examples: [
      (
        "migrate backup restore backup_2026-01-31_02-05-00 --replace",
        "the target; asks first"
      ),
      (
        "migrate backup restore backup_2026-01-31_02-05-00 --to postgres://…/check --yes",
        "into another database"
      ),
    ],
    exitCodes: [
      .done, .failed, .usage, .configuration, .validation, .limit, .locked, .interrupted,
      .terminated,
    ],
    isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let url = try invocation[to].map { try DatabaseURL($0) }
    let setup = try BackupSetup(invocation, hiding: url)
    let found =
      try invocation.operands.isEmpty
      ? .own(setup.work.folder.lastVerified()) : setup.find(invocation)
    let place =
      try url.map { try setup.databases.postgres($0, option: "--to") }
      ?? setup.databases.postgres(.target)
    let options = try options(invocation, setup)
    if invocation[SharedOptions.dryRun] {
      try preview(found, place, options, setup)
      return .done
    }
    let database = place.url.database ?? place.url.redacted
    try invocation.confirm(
      "This restores \(found.name) into \(place.url.redacted)"
        + (options.replaces ? ", replacing the rows in it." : "."),
      word: database, yes: invocation[SharedOptions.yes])
    let outcome =
      switch found {
      case .own(let backup):
        try BackupRestore(setup.work).restore(backup, into: place, options: options)
      case .foreign(let file):
        try ForeignRestore(setup.work).run(file, into: place, options)
      }
    if setup.console.isJSON {
      setup.console.result(outcome.json)
    } else {
      BackupText.restored(outcome, setup.console)
    }
    return outcome.differences.isEmpty ? .done : .validation
  }

  private static func preview(
    _ found: BackupPlace, _ place: PostgresPlace, _ options: BackupRestore.Options,
    _ setup: BackupSetup
  ) throws {
    guard case .own(let backup) = found else {
      throw MigrationError(
        .configuration, "--dry-run needs a backup with a manifest", place: found.name,
        remedy: "check that it can be restored: migrate backup verify")
    }
    let preview = try BackupRestore(setup.work).preview(backup, into: place, options: options)
    guard !setup.console.isJSON else { return setup.console.result(preview.json) }
    setup.console.result("every file of \(preview.backup) is unchanged")
    switch preview.way {
    case .fresh: setup.console.result("would restore into the empty database \(preview.database)")
    case .replaced:
      setup.console.result("would replace its tables in \(preview.database), in one transaction")
    case .rows:
      setup.console.result("would restore rows into \(preview.database), in one transaction")
    }
    for table in preview.filled { setup.console.result("would replace the rows of \(table)") }
    if let interrupted = preview.interrupted {
      setup.console.result("a restore of \(interrupted) into it is unfinished")
    }
  }

  private static func options(_ invocation: Invocation, _ setup: BackupSetup) throws
    -> BackupRestore.Options
  {
    var options = BackupRestore.Options()
    options.tables = BackupSetup.names(invocation[tables])
    options.replaces = invocation[replace]
    options.jobs = invocation[jobs]
    options.keepsOwners = !invocation[noOwners]
    options.ledgerSchema = setup.settings.value(.ledgerSchema)
    options.sourceTables = try invocation.planIfAny(setup.settings)?.sourceTables
    return options
  }
}
