import MigrationCore
import Postgres

/// `migrate rollback`: deletes from the target what the migration has loaded.
enum RollbackCommand {
  static let table = Option.list(
    "table", "TABLE", help: "Roll back this table; repeat the option, or pass a list with commas.")
  static let tables = Option.list("tables", "TABLES", help: "The same, as a list with commas.")
  static let lastStep = Option.flag("last-step", help: "Roll back the table that was started last.")
  static let checkpoint = Option.text(
    "checkpoint", "NAME",
    help: "Roll back everything since a checkpoint: customers_completed, or a name of session "
      + "checkpoint.")
  static let session = Option.text(
    "session", "NAME", help: "Roll back a whole session: its name or number, or latest.")
  static let corrupted = Option.flag(
    "corrupted",
    help: "Delete only corrupted rows; migrate retry loads them again.")
  static let resume = Option.flag("resume", help: "Continue a rollback that was killed.")
  static let force = Option.flag(
    "force", help: "Also delete rows that others changed after the migration.")

  static let full = Option.flag(
    "full", help: "Restore the whole target from its last verified backup.")
  static let backup = Option.text(
    "backup", "NAME", help: "With --full: use this verified backup (default: the newest).")
  static let disconnect = Option.flag(
    "disconnect", help: "With --full: end the sessions of others on the target.")
  static let verify = Option.flag(
    "verify", help: "With --full: compare with the backup again, as rollback verify does.")

  static let page = CommandPage(
    words: ["rollback"], group: .undo,
    summary: "Delete the rows that the migration loaded, or restore a backup with --full.",
    discussion: [
      "Deletes the rows that the transactions of the migration inserted. Keeps earlier "
        + "rows and rows of others unchanged. Lists and keeps rows of the migration that "
        + "others have changed, unless --force is given; reads the source again to identify "
        + "them. If remaining rows refer to rows to delete, does nothing and lists them.",
      "Rolls back each table in one transaction. Restores indexes, constraints and "
        + "sequences, except sequences that others have used since. Blocks readers for at most "
        + "a quarter of a second; writers of a table wait until it is done.",
      "To continue a killed rollback, pass --resume or the same command line; no run "
        + "starts before. Afterwards migrate run loads the tables again.",
      "With --full, restores the last verified backup (create one before the migration: "
        + "migrate backup create --verify). Stops a running migration. Discards everything "
        + "that was written since the backup. Restores into a new database, compares it, and "
        + "then swaps the names and settings of the two databases.",
      "Keeps the previous database until migrate rollback commit, which drops it, or "
        + "migrate rollback undo, which restores it. Run migrate rollback verify first. A run may "
        + "start before: the first one asks on the terminal, and warns with --yes or without a "
        + "terminal. Writes a report to migration-rollback-report.json. Other sessions on the target "
        + "prevent the swap; the command lists them, and --disconnect ends them.",
      "With --corrupted, compares the target with its fingerprints, and different chunks "
        + "with the source. Deletes only rows that were changed or deleted since, in one "
        + "transaction, and quarantines them for migrate retry. References to one of them "
        + "prevent it. --table and --tables limit it to some tables.",
    ],
    options: [
      table.spec, tables.spec, lastStep.spec, checkpoint.spec, session.spec, corrupted.spec,
      resume.spec, force.spec, full.spec, backup.spec, disconnect.spec, verify.spec,
      SharedOptions.dryRun.spec, SharedOptions.yes.spec,
    ],
    examples: [
      (
        "migrate rollback --last-step --dry-run",
        "list the rows to delete, the order and the obstacles"
      ),
      ("migrate rollback --tables products,inventory --yes", "two tables"),
      ("migrate rollback --checkpoint customers_completed", "everything after the customers"),
      ("migrate rollback --session latest", "everything"),
      ("migrate rollback --full --verify", "the whole target, from its last verified backup"),
      ("migrate rollback --corrupted --dry-run", "list corrupted rows with their columns"),
    ],
    exitCodes: [
      .done, .failed, .usage, .configuration, .validation, .limit, .locked, .interrupted,
      .terminated,
    ], settingsByFlag: false, isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    if try FullRollbackCommand.isMeant(invocation) {
      return try FullRollbackCommand.run(invocation)
    }
    if invocation[corrupted] {
      let others =
        [lastStep, resume, force].filter { invocation[$0] }.map(\.spec.name)
        + (invocation[checkpoint] == nil ? [] : [checkpoint.spec.name])
      guard others.isEmpty else {
        throw UsageError.conflict("--corrupted", with: "--\(others[0])")
      }
      return try RollbackCorrupted.run(invocation)
    }
    let opened = try OpenLedger(invocation)
    let console = opened.console
    let request = try RollbackCommandRequest(invocation, opened).make()
    if invocation[SharedOptions.dryRun] {
      let preview = try Rollback.preview(request)
      tell(preview, console)
      return preview.obstacles.isEmpty ? .done : .failed
    }
    let database = opened.ledger.connection.facts.database
    let notices = Notices(invocation, opened.settings, console, plan: opened.session.plan)
    let record = try notified(notices) {
      try Rollback.run(
        request,
        confirm: { preview in
          guard !invocation[SharedOptions.yes] else { return }
          for line in RollbackText.lines(preview) { console.note(line) }
          try invocation.confirm(
            "This deletes \(CountText.of(preview.rows, "row")) from \(database).", word: database,
            yes: false)
        }, tell: { console.note($0) })
    }
    if console.isJSON {
      console.result(record.json)
    } else {
      for line in RollbackText.lines(record) { console.result(line) }
      console.result("next: migrate rollback verify, then migrate run")
    }
    notices.finish()
    return .done
  }

  /// Sends notifications about the outcome, but not about errors before the start.
  private static func notified(
    _ notices: Notices, _ body: () throws -> RollbackRecord
  ) throws -> RollbackRecord {
    do {
      let record = try body()
      notices.post(
        .rollback, "rollback \(record.id) (\(record.scope)) is done", [("rollback", record.json)])
      return record
    } catch {
      if let failure = error as? MigrationError, case .coded = failure.kind {
        notices.post(.rollback, failure: error, of: "the rollback")
        notices.finish()
      }
      throw error
    }
  }

  private static func tell(_ preview: RollbackPreview, _ console: Console) {
    if console.isJSON {
      console.result(preview.json)
    } else {
      for line in RollbackText.lines(preview) { console.result(line) }
    }
  }
}
