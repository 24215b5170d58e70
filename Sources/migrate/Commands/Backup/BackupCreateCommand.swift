import MigrationCore

/// `migrate backup create`: a backup of the target or the source, in one snapshot.
enum BackupCreateCommand {
  static let schemaOnly = Option.flag("schema-only", help: "Definitions without rows.")
  static let dataOnly = Option.flag(
    "data-only", help: "Rows, to be put back into tables that are there.")
  static let tables = Option.text(
    "tables", "A,B",
    help: "The rows of these tables only; schema.table for other schemas than public.")
  static let jobs = Option.integer(
    "jobs", "N", in: 1...64, otherwise: 0,
    help:
      "How many tables are dumped side by side. As many as there are processors, up to 4, if not given."
  )
  static let compress = Option.integer(
    "compress", "N", in: 0...9, otherwise: 6, help: "From 0, none, to 9, smallest. 6 if not given.")
  static let note = Option.text("note", "TEXT", help: "A remark that the manifest keeps.")
  static let verify = Option.flag("verify", help: "Verify it then, as migrate backup verify does.")

  static let copy = Option.flag(
    "to-backup-database",
    help: "Restore it into BACKUP_DATABASE_URL too, in place of what is there, and compare.")

  static let page = CommandPage(
    words: ["backup", "create"], group: .undo,
    summary: "Back up the target or the source, with a count and hash of every table.",
    discussion: [
      "pg_dump writes a folder in MIGRATION_BACKUP_DIR, as of one moment, while others may go on writing "
        + "to the database. Counts and hashes of all rows are taken as of the same moment. A backup has its "
        + "name only when everything is on disk: one that was interrupted is listed as incomplete, and "
        + "migrate backup prune removes it.",
      "Of a MongoDB source it writes a folder that mongorestore takes. A backup is called verified only "
        + "after migrate backup verify, or --verify.",
    ],
    operands: [
      Operand(
        name: "DATABASE", help: "What is backed up; the target if not given.",
        choices: ["target", "source"])
    ],
    options: [
      schemaOnly.spec, dataOnly.spec, tables.spec, jobs.spec, compress.spec, note.spec, verify.spec,
      copy.spec,
    ],
    examples: [
      ("migrate backup create --verify", "before a migration"),
      ("migrate backup create source --jobs 2", "the source, two tables at a time"),
      ("migrate backup create --tables customers,orders --note \"before the fix\"", "two tables"),
    ],
    exitCodes: [
      .done, .failed, .usage, .configuration, .validation, .limit, .interrupted, .terminated,
    ],
    isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let setup = try BackupSetup(invocation)
    let role: DatabaseRole = invocation.operands.first == "source" ? .source : .target
    let request = try request(invocation, setup, role)
    let backup = try create(setup, request)
    let outcome = invocation[verify] ? try BackupVerification(setup.work).run(backup) : nil
    let copied =
      invocation[copy]
      ? try BackupCopy(setup.work).run(backup, into: setup.databases.postgres(.backup)) : nil
    tell(backup, outcome, copied, setup.console)
    let isRight = outcome?.isVerified ?? true && copied?.differences.isEmpty ?? true
    return isRight ? .done : .validation
  }

  private static func create(_ setup: BackupSetup, _ request: BackupRequest) throws -> Backup {
    guard request.role == .source, let source = DocumentsSource(setup.settings) else {
      let key: SettingKey<DatabaseURL?> = request.role == .source ? .source : .target
      return try BackupCreation(setup.databases.postgres(key), request, setup.work).run()
    }
    guard request.contents == .all else {
      throw UsageError.badValue(
        request.contents.rawValue, of: "backup create source",
        expected: "the whole database: a dump of MongoDB has no parts")
    }
    return try DocumentsBackup(source, request, setup.work).run()
  }

  private static func request(
    _ invocation: Invocation, _ setup: BackupSetup, _ role: DatabaseRole
  ) throws -> BackupRequest {
    var request = BackupRequest()
    let chosen = BackupSetup.names(invocation[tables])
    guard [invocation[schemaOnly], invocation[dataOnly], chosen != nil].count(where: { $0 }) < 2
    else {
      throw UsageError.badValue(
        "--schema-only, --data-only, --tables", of: "backup create", expected: "at most one of them"
      )
    }
    if invocation[schemaOnly] { request.contents = .schema }
    if invocation[dataOnly] { request.contents = .data }
    if let chosen { (request.contents, request.tables) = (.tables, chosen) }
    request.role = role
    request.jobs = invocation[jobs] > 0 ? invocation[jobs] : min(4, MachineResources.processors)
    request.compression = invocation[compress]
    request.note = invocation[note]
    request.plan = setup.settings.value(.plan)
    request.ledgerSchema = setup.settings.value(.ledgerSchema)
    return request
  }

  private static func tell(
    _ backup: Backup, _ outcome: BackupVerification.Outcome?, _ copied: BackupRestore.Outcome?,
    _ console: Console
  ) {
    if console.isJSON {
      return console.result([
        "backup": backup.json, "verification": outcome?.json ?? .null,
        "copy": copied?.json ?? .null,
      ])
    }
    if let manifest = backup.manifest { BackupText.created(backup, manifest, console) }
    if let outcome {
      BackupText.verified(outcome, console)
    } else {
      console.result("   not verified yet: migrate backup verify")
    }
    if let copied { BackupText.restored(copied, console) }
  }
}
