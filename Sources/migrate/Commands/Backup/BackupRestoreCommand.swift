import MigrationCore

/// `migrate backup restore`: puts a backup back.
enum BackupRestoreCommand {
  static let to = Option.text(
    "to", "URL", help: "The database that it is restored into; the target if not given.")
  static let tables = Option.text(
    "tables", "A,B", help: "Put back the rows of these tables only, in one transaction.")
  static let replace = Option.flag(
    "replace", help: "Replace tables that have rows in them.")
  static let jobs = Option.integer(
    "jobs", "N", in: 1...64, otherwise: 0,
    help:
      "How many tables are restored side by side into an empty database; as many as were dumped so."
  )
  static let noOwners = Option.flag(
    "no-owners", help: "Leave out owners and grants, for servers that have other roles.")

  static let page = CommandPage(
    words: ["backup", "restore"], group: .undo,
    summary: "Put a backup back into the target or elsewhere, and compare every table.",
    discussion: [
      "Without a name it is the last backup of the target that was verified. Every file is checked first. An empty database is filled with several tables side by side. In any "
        + "other, what the backup has is replaced in one transaction (what it does not have stays); if tables "
        + "have rows, that needs --replace. Afterwards counts and hashes are compared with the manifest; the "
        + "exit code is 4 where they differ.",
      "A database that is being restored is marked: if the restore is killed, every command says so, and the "
        + "same restore, begun again, ends it. With --tables, or for a backup of rows alone, the rows are put "
        + "back in one transaction that is committed only if they are what the manifest says.",
    ],
    operands: [
      Operand(
        name: "BACKUP", help: "A name, or the path of a backup; the last verified one if not given."
      )
    ],
    options: [
      to.spec, tables.spec, replace.spec, jobs.spec, noOwners.spec, SharedOptions.dryRun.spec,
      SharedOptions.yes.spec,
    ],
    examples: [
      (
        "migrate backup restore backup_2026-01-31_02-05-00 --replace",
        "the target as it was; asks first"
      ),
      (
        "migrate backup restore backup_2026-01-31_02-05-00 --to postgres://…/check --yes",
        "beside it"
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
        + (options.replaces ? ", replacing the rows that are there." : "."),
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
        remedy: "see whether it can be restored: migrate backup verify")
    }
    let preview = try BackupRestore(setup.work).preview(backup, into: place, options: options)
    guard !setup.console.isJSON else { return setup.console.result(preview.json) }
    setup.console.result("every file of \(preview.backup) is as it was")
    switch preview.way {
    case .fresh: setup.console.result("would fill \(preview.database), which is empty")
    case .replaced:
      setup.console.result("would replace what it has in \(preview.database), in one transaction")
    case .rows:
      setup.console.result("would put rows back in \(preview.database), in one transaction")
    }
    for table in preview.filled { setup.console.result("would replace the rows of \(table)") }
    if let interrupted = preview.interrupted {
      setup.console.result("a restore of \(interrupted) has not come to its end there")
    }
  }

  private static func options(_ invocation: Invocation, _ setup: BackupSetup) throws
    -> BackupRestore.Options
  {
    var options = BackupRestore.Options()
    options.tables = BackupSetup.names(invocation[tables])
    options.replaces = invocation[replace]
    options.jobs = invocation[jobs] > 0 ? invocation[jobs] : nil
    options.keepsOwners = !invocation[noOwners]
    options.ledgerSchema = setup.settings.value(.ledgerSchema)
    options.sourceTables = try invocation.planIfAny(setup.settings)?.sourceTables
    return options
  }
}
