import MigrationCore
import Postgres

/// `migrate status`: shows the state of the migration from the ledger.
enum StatusCommand {
  static let table = Option.text("table", "TABLE", help: "Show only this table.")
  static let lanes = Option.flag(
    "lanes", help: "Show the current chunk of each lane, its start time and what it waits for.")
  static let check = Option.flag(
    "check",
    help: "Compare ledger, checkpoint file and target; exits with 4 if they differ.")

  static let page = CommandPage(
    words: ["status"], group: .watch,
    summary: "Show the state of the migration: tables, rows, running processes.",
    discussion: [
      "Reads the ledger in the target, so it works during a run and from any machine that "
        + "can connect to the target. All numbers are of committed chunks.",
      "With --check, compares the row counts of the target with the ledger in one "
        + "transaction. Also checks that each table's row counts add up, and the states of "
        + "tables and chunks. Reports indexes and constraints that are still suspended, and "
        + "checks the checkpoint file of this folder.",
    ],
    options: [table.spec, lanes.spec, check.spec, Watcher.watch.spec, Watcher.interval.spec],
    examples: [
      ("migrate status", "all tables"), ("migrate status --json", "as JSON, for a script"),
      ("migrate status --lanes --watch", "the current chunks, refreshed"),
      ("migrate status --check", "compare ledger and target"),
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
      return showNothing(full, console)
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

  /// Removes the checkpoint file of a session that has ended.
  ///
  /// Keeps an unreadable file or one of another target, for `status --check` and the next run.
  static func removeCheckpoint(
    _ invocation: Invocation, _ ledger: Ledger, _ console: Console
  ) throws {
    guard try OpenLedger.isThere(ledger) else { return }
    let file = CheckpointFile(invocation.program.folder + "/" + CheckpointFile.defaultName)
    guard (try? file.removeIfEnded(ledger)) == true else { return }
    console.note("removed the checkpoint file of an ended session, left by a killed run")
  }

  private static func showNothing(_ full: FullRollbackState?, _ console: Console) -> ExitCode {
    if console.isJSON {
      console.result(["session": .null, "fullRollback": full?.json ?? .null])
    } else {
      console.result("this target has no migration; next: migrate run")
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
