import MigrationCore
import Postgres

/// `migrate errors`: the rows that are set aside, by pattern or one by one.
enum ErrorsCommand {
  static let details = Option.flag(
    "details", help: "Show the rows one by one, with key, value and what to do.")
  static let patterns = Option.flag(
    "patterns", help: "Show how often each kind of fault is there; this is the default.")
  static let summary = Option.flag("summary", help: "The same as --patterns.")
  static let table = Option.text("table", "TABLE", help: "Show one table only.")
  static let limit = Option.integer(
    "limit", "N", in: 1...100_000, otherwise: 50, help: "Show at most N rows; 50 if not given.")

  static let page = CommandPage(
    words: ["errors"], group: .watch,
    summary: "Show the rows that are set aside, and why.",
    discussion: [
      "Read from the ledger's newest session. A row stays there with its whole source row until "
        + "migrate retry brings it into the target."
    ],
    options: [summary.spec, patterns.spec, details.spec, table.spec, limit.spec],
    examples: [
      ("migrate errors", "how many of which kind"),
      ("migrate errors --details --table customers", "row by row"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration],
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let connection = try Databases(settings).target()
    let ledger = try Ledger(connection, schema: settings.value(.ledgerSchema))
    try ledger.requireInstalled()
    guard let session = try ledger.latestSession() else {
      console.result("no migration was begun in this target")
      return .done
    }
    let filter = QuarantineFilter(table: invocation[table], status: .open)
    if invocation[details] {
      let rows = try ledger.quarantined(session: session.id, filter, limit: invocation[limit])
      tell(rows, console)
    } else {
      tell(try ledger.quarantinePatterns(session: session.id, filter), console)
    }
    return .done
  }

  private static func tell(_ patterns: [QuarantinePattern], _ console: Console) {
    if console.isJSON {
      console.result(.array(patterns.map(json)))
      return
    }
    guard !patterns.isEmpty else {
      console.result("no rows are set aside")
      return
    }
    let header = ["rows", "code", "table", "column", "reason", "example", "to do"]
    let rows = patterns.map { pattern in
      [
        "\(pattern.openCount)", pattern.code, pattern.table, pattern.column ?? "",
        pattern.reason, pattern.example.row.key.compact, pattern.example.row.hint ?? "",
      ]
    }
    console.result(TextLayout.table([header] + rows))
  }

  private static func tell(_ entries: [QuarantineEntry], _ console: Console) {
    if console.isJSON {
      console.result(.array(entries.map(json)))
      return
    }
    for entry in entries {
      let row = entry.row
      let column = row.column.map { ".\($0)" } ?? ""
      console.result(
        "\(row.code.rawValue) \(entry.table)\(column): \(row.reason) \(row.key.compact)")
      if let value = row.value { console.result("  value: \(value)") }
      if let winner = row.winner { console.result("  first: \(winner.compact)") }
      if let hint = row.hint { console.result("  to do: \(hint)") }
    }
  }

  private static func json(_ pattern: QuarantinePattern) -> JSONValue {
    [
      "table": .text(pattern.table), "code": .text(pattern.code),
      "reason": .text(pattern.reason), "column": .optional(pattern.column),
      "open": .int(pattern.openCount), "example": json(pattern.example),
    ]
  }

  static func json(_ entry: QuarantineEntry) -> JSONValue {
    [
      "id": .int(entry.id), "table": .text(entry.table), "key": entry.row.key,
      "code": .text(entry.row.code.rawValue), "reason": .text(entry.row.reason),
      "column": .optional(entry.row.column), "value": .optional(entry.row.value),
      "hint": .optional(entry.row.hint), "winner": entry.row.winner ?? .null,
      "status": .text(entry.status.rawValue), "retries": .int(entry.retries),
      "row": entry.row.row,
    ]
  }
}
