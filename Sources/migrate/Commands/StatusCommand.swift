import MigrationCore
import Postgres

/// `migrate status`: how far the migration is, from the ledger, from any terminal.
enum StatusCommand {
  static let table = Option.text("table", "TABLE", help: "Show one table only.")

  static let page = CommandPage(
    words: ["status"], group: .watch,
    summary: "Show how far the migration is: tables, rows, who is at work.",
    discussion: [
      "Everything is read from the ledger in the target, so that it works while a migration runs, and "
        + "from any machine that reaches the target. All numbers are of committed chunks."
    ],
    options: [table.spec],
    examples: [
      ("migrate status", "all tables"), ("migrate status --json", "the same for a script"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration],
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let connection = try Databases(settings).target()
    let ledger = try Ledger(connection, schema: settings.value(.ledgerSchema))
    guard case .current = try ledger.condition(), let session = try ledger.latestSession() else {
      return tellNothing(console)
    }
    let status = try MigrationStatus.read(session, ledger, table: invocation[table])
    if console.isJSON {
      console.result(document(status))
    } else {
      tell(status, console)
    }
    return .done
  }

  private static func tellNothing(_ console: Console) -> ExitCode {
    if console.isJSON {
      console.result(["session": .null])
    } else {
      console.result("no migration was begun in this target; begin one: migrate run")
    }
    return .done
  }

  private static func tell(_ status: MigrationStatus, _ console: Console) {
    console.result(
      "session \(status.session.id) of \(status.session.name): \(status.session.status.rawValue), "
        + "begun \(status.session.runTime)")
    if let holder = status.holder {
      let who = holder.host.map { "\($0), process \(holder.process ?? 0)" } ?? "a program"
      let life = holder.isAlive == false ? ", gives no sign of life" : ""
      console.result("running: \(who)\(life)")
    } else {
      console.result("nothing is running")
    }
    let header = ["table", "state", "rows", "of", "loaded", "set aside", "warnings", "chunks"]
    let rows = status.tables.map { table in
      [
        table.table.name, table.table.status.rawValue, "\(table.counts.read)",
        "\(max(table.rowEstimate, table.counts.read))", "\(table.counts.loaded)",
        "\(table.counts.quarantined)", "\(table.counts.warned)",
        "\(table.chunksDone)/\(table.chunks)",
      ]
    }
    console.result(TextLayout.table([header] + rows))
    if status.setAside > 0 {
      console.result(
        "\(status.setAside) indexes or constraints are set aside until their tables are loaded")
    }
    if status.openRows > 0 {
      console.result("\(status.openRows) rows are set aside: migrate errors")
    }
  }

  private static func document(_ status: MigrationStatus) -> JSONValue {
    let holder: JSONValue =
      status.holder.map { holder in
        [
          "host": .optional(holder.host), "process": holder.process.map(JSONValue.int) ?? .null,
          "alive": holder.isAlive.map(JSONValue.bool) ?? .null,
        ]
      } ?? .null
    return [
      "session": .int(status.session.id), "name": .text(status.session.name),
      "status": .text(status.session.status.rawValue),
      "begun": .text(status.session.runTime.description), "running": holder,
      "openRows": .int(status.openRows), "setAside": .int(status.setAside),
      "tables": .array(status.tables.map(table)),
      "books": .array(status.sheets.map(BooksText.json)),
    ]
  }

  private static func table(_ progress: TableProgress) -> JSONValue {
    [
      "table": .text(progress.table.name), "state": .text(progress.table.status.rawValue),
      "read": .int(progress.counts.read), "planned": .int(progress.rowEstimate),
      "loaded": .int(progress.counts.loaded), "quarantined": .int(progress.counts.quarantined),
      "warnings": .int(progress.counts.warned), "chunks": .int(progress.chunks),
      "chunksDone": .int(progress.chunksDone),
      "lastCommit": .optional(progress.lastCommit?.description),
      "lastKey": .array(progress.lastKey.map(JSONValue.text)),
    ]
  }
}
