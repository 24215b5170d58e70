import MigrationCore
import Postgres

/// `migrate rollback`: deletes from the target what the migration has loaded.
enum RollbackCommand {
  static let table = Option.list(
    "table", "TABLE", help: "Roll this table back; may be given several times, or as a list.")
  static let tables = Option.list("tables", "TABLES", help: "The same: tables with commas between.")
  static let lastStep = Option.flag("last-step", help: "Roll the table back that was begun last.")
  static let checkpoint = Option.text(
    "checkpoint", "NAME",
    help:
      "Roll all back that was done since: customers_completed, or a name of session checkpoint.")
  static let session = Option.text(
    "session", "NAME", help: "Roll a whole session back, by its name or number, or the latest.")
  static let corrupted = Option.flag(
    "corrupted",
    help: "Take out only rows that are not as the migration wrote them; a retry brings them again.")
  static let resume = Option.flag("resume", help: "Go on with a rollback that was killed.")
  static let force = Option.flag(
    "force", help: "Also take rows out that somebody changed after the migration.")

  static let full = Option.flag(
    "full", help: "Take the whole target back to its last verified backup.")
  static let backup = Option.text(
    "backup", "NAME", help: "With --full: go back to this verified backup, not to the newest one.")
  static let disconnect = Option.flag(
    "disconnect", help: "With --full: end the sessions of others on the target.")
  static let verify = Option.flag(
    "verify", help: "With --full: compare with the backup once more, as rollback verify does.")

  static let page = CommandPage(
    words: ["rollback"], group: .undo,
    summary: "Take out what the migration has brought, or go back to a backup with --full.",
    discussion: [
      "Rows that the migration inserted go, known by the transactions that wrote them. Rows that were "
        + "there before stay as they are, to the byte; so do rows that others added. Rows of the "
        + "migration that somebody changed since are listed and kept, unless --force is given; to tell "
        + "them from rows of others the source is read again. Where rows that stay refer to rows that "
        + "would go, nothing is done, and they are named.",
      "Each table is rolled back in one transaction. Indexes, constraints and sequences are put back "
        + "as they were; a sequence that others have used since stays. Readers are never blocked for "
        + "longer than a quarter of a second; writers of a table wait until it is done. A rollback that "
        + "was killed is gone on with by --resume, or by the same command line, and no run begins "
        + "before. Afterwards migrate run moves the tables again.",
      "With --full the whole target becomes what its last verified backup holds (make one before the "
        + "migration: migrate backup create --verify), and everything that anybody wrote since is gone. A "
        + "migration at work is stopped. The backup is restored into a new database beside the target and "
        + "compared; then the two change names at once, with the settings of the database, and the one of "
        + "before is kept aside. Then: migrate rollback verify, and migrate rollback commit, which drops it, "
        + "or migrate rollback undo, which puts it back; no run begins before. Nobody else may be connected "
        + "to the target: who is, is named, and ended with --disconnect.",
      "With --corrupted the target is read back by its fingerprints, chunks that do not add up are "
        + "compared with the source, and only rows that were changed or deleted since go, in one "
        + "transaction; they wait in the quarantine for migrate retry. Rows that refer to one of them "
        + "stop it. With --table or --tables only these tables are looked at.",
    ],
    options: [
      table.spec, tables.spec, lastStep.spec, checkpoint.spec, session.spec, corrupted.spec,
      resume.spec, force.spec, full.spec, backup.spec, disconnect.spec, verify.spec,
      SharedOptions.dryRun.spec, SharedOptions.yes.spec,
    ],
    examples: [
      (
        "migrate rollback --last-step --dry-run",
        "what would go, in which order, what is in the way"
      ),
      ("migrate rollback --tables products,inventory --yes", "two tables"),
      ("migrate rollback --checkpoint customers_completed", "all that came after the customers"),
      ("migrate rollback --session latest", "everything"),
      ("migrate rollback --full --verify", "the whole target, from its last verified backup"),
      ("migrate rollback --corrupted --dry-run", "rows that others changed, with their columns"),
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
        throw UsageError.badValue(
          "--\(others[0])", of: "--corrupted",
          expected: "nothing but tables and a session beside it")
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
            "This takes \(preview.rows) rows out of \(database).", word: database, yes: false)
        }, tell: { console.note($0) })
    }
    if console.isJSON {
      console.result(record.json)
    } else {
      for line in RollbackText.lines(record) { console.result(line) }
      console.result("prove it: migrate rollback verify; then go on with: migrate run")
    }
    notices.finish()
    return .done
  }

  /// Sends notifications about its outcome, but not about a refusal to begin.
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
