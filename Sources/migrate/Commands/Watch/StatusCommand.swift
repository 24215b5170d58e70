import MigrationCore
import Postgres

/// `migrate status`: how far the migration is, from the ledger, from any terminal.
enum StatusCommand {
  static let table = Option.text("table", "TABLE", help: "Show one table only.")
  static let lanes = Option.flag(
    "lanes", help: "Show which lane has which chunk in hand, since when, and what it waits for.")
  static let check = Option.flag(
    "check",
    help: "Compare ledger, checkpoint file and target; exit code 4 where they do not agree.")

  static let page = CommandPage(
    words: ["status"], group: .watch,
    summary: "Show how far the migration is: tables, rows, who is at work.",
    discussion: [
      "Everything is read from the ledger in the target, so that it works while a migration runs, and "
        + "from any machine that reaches the target. All numbers are of committed chunks.",
      "With --check the rows of each table are counted in the target and compared with the ledger, in "
        + "one transaction; so are each table's books, the states of tables and chunks, indexes and "
        + "constraints that are still set aside, and the checkpoint file of this folder.",
    ],
    options: [table.spec, lanes.spec, check.spec, Watcher.watch.spec, Watcher.interval.spec],
    examples: [
      ("migrate status", "all tables"), ("migrate status --json", "the same for a script"),
      ("migrate status --lanes --watch", "what is being done right now"),
      ("migrate status --check", "does everything agree?"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration, .validation],
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    if invocation[check] { return try StatusCheck.run(invocation) }
    let isWatching = try Watcher.isWanted(invocation)
    let (settings, console) = try invocation.settingsAndConsole()
    let ledger = try Ledger(
      Databases(settings).target(), schema: settings.value(.ledgerSchema))
    let full = try Databases(settings).fullRollback()
    if let full, !console.isJSON {
      for line in FullRollbackText.lines(full) { console.result(line) }
    }
    try removeCheckpoint(invocation, ledger, console)
    guard try OpenLedger.isThere(ledger), let session = try ledger.latestSession() else {
      return tellNothing(full, console)
    }
    let name = try OpenLedger.tableName(invocation[table], session, ledger)
    if console.isJSON {
      console.result(try document(session, ledger, name, invocation[lanes], full))
    } else if isWatching {
      try Watcher(invocation, console).run {
        let status = try read(session, ledger, name)
        return (try text(status, ledger, invocation[lanes]), status.holder != nil)
      }
    } else {
      console.result(try text(read(session, ledger, name), ledger, invocation[lanes]))
    }
    return .done
  }

  private static func read(
    _ session: Session, _ ledger: Ledger, _ table: String?
  ) throws -> MigrationStatus {
    try MigrationStatus.read(ledger.session(session.id) ?? session, ledger, table: table)
  }

  /// Removes a checkpoint file that says of a session that has ended that it is under way.
  ///
  /// One that can't be read, or is of another target, is left to `status --check` and to the next run.
  static func removeCheckpoint(
    _ invocation: Invocation, _ ledger: Ledger, _ console: Console
  ) throws {
    guard try OpenLedger.isThere(ledger) else { return }
    let file = CheckpointFile(invocation.program.folder + "/" + CheckpointFile.defaultName)
    guard (try? file.removeIfEnded(ledger)) == true else { return }
    console.note("the checkpoint file was left by a run that was killed at its end; it is removed")
  }

  private static func tellNothing(_ full: FullRollbackState?, _ console: Console) -> ExitCode {
    if console.isJSON {
      console.result(["session": .null, "fullRollback": full?.json ?? .null])
    } else {
      console.result("no migration was begun in this target; begin one: migrate run")
    }
    return .done
  }

  private static func text(
    _ status: MigrationStatus, _ ledger: Ledger, _ showsLanes: Bool
  ) throws -> String {
    let lanes = showsLanes ? LanesText.lines(try ledger.lanesInHand()) : []
    return (StatusText.lines(status) + lanes).joined(separator: "\n")
  }

  private static func document(
    _ session: Session, _ ledger: Ledger, _ table: String?, _ showsLanes: Bool,
    _ full: FullRollbackState?
  ) throws -> JSONValue {
    let document = StatusText.document(try read(session, ledger, table))
    guard case .object(var object) = document else { return document }
    object["fullRollback"] = full?.json ?? .null
    if showsLanes { object["lanes"] = .array(try ledger.lanesInHand().map(LanesText.document)) }
    return .object(object)
  }
}
