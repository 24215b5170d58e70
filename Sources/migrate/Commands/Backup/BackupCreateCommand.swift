import MigrationCore

/// `migrate backup create`: a backup of the target or the source, in one snapshot.
enum BackupCreateCommand {
  static let schemaOnly = Option.flag("schema-only", help: "Back up the definitions without rows.")
  static let dataOnly = Option.flag(
    "data-only", help: "Back up the rows without definitions, to restore into existing tables.")
  static let tables = Option.text(
    "tables", "A,B",
    help: "Back up only the rows of these tables; schema.table outside the schema public.")
  static let jobs = Option.integer(
    "jobs", "N", in: 1...64,
    help: "The number of tables to dump in parallel (default: the number of processors, at "
      + "most 4)."
  )
  static let compress = Option.integer(
    "compress", "N", in: 0...9, otherwise: 6,
    help: "The compression from 0 (none) to 9 (smallest) (default: 6).")
  static let note = Option.text("note", "TEXT", help: "A note for the manifest.")
  static let verify = Option.flag(
    "verify", help: "Then verify the backup, as migrate backup verify does.")

  static let copy = Option.flag(
    "to-backup-database",
    help: "Also restore the backup into BACKUP_DATABASE_URL, replacing its contents, and "
      + "compare.")

  static let page = CommandPage(
    words: ["backup", "create"], group: .undo,
    summary: "Back up the target or the source, with a row count and a hash of every table.",
    discussion: [
      "Writes a pg_dump folder into MIGRATION_BACKUP_DIR. The dump, the row counts and the "
        + "hashes come from one snapshot; other sessions may write meanwhile.",
      "The backup gets its final name only after everything is on disk. An interrupted "
        + "backup is listed as incomplete; migrate backup prune removes it.",
      "A backup of a MongoDB source is a folder for mongorestore. A backup counts as "
        + "verified only after migrate backup verify, or with --verify.",
    ],
    operands: [
      Operand(
        name: "DATABASE", help: "What to back up (default: target).",
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
    show(backup, outcome, copied, setup.console)
    let isRight = outcome?.isVerified ?? true && copied?.differences.isEmpty ?? true
    return isRight ? .done : .validation
  }

  private static func create(_ setup: BackupSetup, _ request: BackupRequest) throws -> Backup {
    guard request.role == .source, let source = DocumentsSource(setup.settings) else {
      let key: SettingKey<DatabaseURL?> = request.role == .source ? .source : .target
      return try BackupCreation(setup.databases.postgres(key), request, setup.work).run()
    }
    guard request.contents == .all else {
      throw UsageError.conflict(
        "--schema-only, --data-only or --tables", with: "a MongoDB source")
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
      throw UsageError.conflict("--schema-only", with: "--data-only or --tables")
    }
    if invocation[schemaOnly] { request.contents = .schema }
    if invocation[dataOnly] { request.contents = .data }
    if let chosen { (request.contents, request.tables) = (.tables, chosen) }
    request.role = role
    request.jobs = invocation[jobs] ?? min(4, MachineResources.processors)
    request.compression = invocation[compress]
    request.note = invocation[note]
    request.plan = setup.settings.value(.plan)
    request.ledgerSchema = setup.settings.value(.ledgerSchema)
    return request
  }

  private static func show(
    _ backup: Backup, _ outcome: BackupVerification.Outcome?, _ copied: BackupRestore.Outcome?,
    _ console: Console
  ) {
    if console.isJSON {
      return console.result([
        "backup": backup.json, "verification": outcome?.json ?? .null,
        "copy": copied?.json ?? .null,
      ])
    }
    let isVerified = outcome?.isVerified == true
    if let outcome, isVerified { BackupText.verified(outcome, console) }
    if let manifest = backup.manifest {
      BackupText.created(backup, manifest, isVerified: isVerified, console)
    }
    if let outcome {
      if !isVerified { BackupText.verified(outcome, console) }
    } else {
      console.result("   not verified; next: migrate backup verify")
    }
    if let copied { BackupText.restored(copied, console) }
  }
}
