import MigrationCore
import Postgres

/// `migrate errors`: shows quarantined rows and their reasons.
enum ErrorsCommand {
  static let table = Option.text("table", "TABLE", help: "Only rows of this table.")
  static let code = Option.text(
    "code", "CODE", choices: ErrorCode.allCases.map(\.rawValue), help: "Only rows with this code.")
  static let summary = Option.flag("summary", help: "Only the number of rows of each table.")
  static let patterns = Option.flag(
    "patterns", help: "Group by table, code, column and reason (default).")
  static let details = Option.flag(
    "details", help: "List every row, with its key, value and source row.")
  static let warnings = Option.flag(
    "warnings", help: "List rows that were loaded with a warning instead, with example keys.")
  static let corrupted = Option.flag(
    "corrupted", help: "List corrupted rows instead, found by quarantine corrupted.")
  static let session = Option.text(
    "session", "SESSION",
    help: "Rows of another session: its number or name (default: the newest that is not a "
      + "part)."
  )
  static let limit = Option.integer(
    "limit", "N", in: 1...1_000_000, otherwise: 100,
    help: "The number of rows with --details (default: 100).")

  static let page = CommandPage(
    words: ["errors"], group: .watch,
    summary: "Show the quarantined rows and their reasons.",
    discussion: [
      "The ledger keeps each quarantined row with its source row, the reason and a hint. "
        + "migration-errors.log has one line for each. Fix the rows in the source, then run "
        + "migrate retry. Rows that a retry settled are not shown."
    ],
    options: [
      table.spec, code.spec, summary.spec, patterns.spec, details.spec, warnings.spec,
      corrupted.spec, session.spec, limit.spec,
    ],
    examples: [
      ("migrate errors", "all reasons, grouped"),
      ("migrate errors --details --table customers", "row by row"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let opened = try OpenLedger(invocation)
    let session = try opened.session(called: invocation[session])
    let table = try OpenLedger.tableName(invocation[table], session, opened.ledger)
    var filter = QuarantineFilter(
      table: table,
      status: invocation[corrupted] ? .corrupted : .open)
    filter.code = invocation[code].flatMap(ErrorCode.init(rawValue:))
    if invocation[warnings] {
      WarningsText(try opened.ledger.warnings(session: session.id), table: table)
        .show(opened.console)
    } else if invocation[details] {
      let rows = try opened.ledger.quarantined(
        session: session.id, filter, limit: invocation[limit])
      show(rows, opened.console)
    } else {
      let patterns = try opened.ledger.quarantinePatterns(session: session.id, filter)
      if invocation[summary] {
        showSummary(patterns, opened.console)
      } else {
        show(patterns, opened.console)
      }
    }
    return .done
  }

  private static func showSummary(_ patterns: [QuarantinePattern], _ console: Console) {
    var counts: [(table: String, count: Int)] = []
    for pattern in patterns {
      if let index = counts.firstIndex(where: { $0.table == pattern.table }) {
        counts[index].count += pattern.count
      } else {
        counts.append((pattern.table, pattern.count))
      }
    }
    let total = counts.reduce(0) { $0 + $1.count }
    if console.isJSON {
      console.result([
        "total": .int(total),
        "tables": .object(JSONObject(counts.map { ($0.table, .int($0.count)) })),
      ])
    } else {
      for (table, count) in counts {
        console.result("\(table): \(CountText.of(count, "row")) quarantined")
      }
      console.result(
        total == 0 ? "no quarantined rows" : "total: \(CountText.of(total, "row")) quarantined")
    }
  }

  private static func show(_ patterns: [QuarantinePattern], _ console: Console) {
    if console.isJSON {
      console.result(["patterns": .array(patterns.map(document))])
    } else if patterns.isEmpty {
      console.result("no quarantined rows")
    } else {
      for line in lines(patterns) { console.result(line) }
    }
  }

  /// Returns quarantined rows as grouped lines, with hints.
  static func lines(_ patterns: [QuarantinePattern]) -> [String] {
    let header = ["rows", "table", "code", "column", "reason", "for example"]
    let rows = patterns.map { pattern in
      [
        GroupedNumber.text(pattern.count), pattern.table, pattern.code, pattern.column ?? "",
        pattern.reason,
        pattern.example.row.key.compact.withVisibleControls,
      ]
    }
    return [TextLayout.table([header] + rows)] + hints(patterns).map { "hint: \($0)" }
  }

  /// Returns each hint once.
  private static func hints(_ patterns: [QuarantinePattern]) -> [String] {
    var hints: [String] = []
    for pattern in patterns {
      if let hint = pattern.example.row.hint, !hints.contains(hint) { hints.append(hint) }
    }
    return hints
  }

  private static func show(_ rows: [QuarantineEntry], _ console: Console) {
    if console.isJSON {
      console.result(["rows": .array(rows.map(document))])
      return
    }
    for line in lines(rows) { console.result(line) }
    if rows.isEmpty { console.result("no quarantined rows") }
  }

  /// Returns quarantined rows in full.
  static func lines(_ rows: [QuarantineEntry]) -> [String] {
    rows.flatMap { entry in
      let row = entry.row
      let column = row.column.map { ".\($0)" } ?? ""
      return [
        "\(row.code.rawValue) \(entry.table)\(column) \(row.key.compact.withVisibleControls): \(row.reason)",
        row.value.map { "  value: \($0.printable)" },
        row.winner.map { "  the row that was kept: \($0.compact.withVisibleControls)" },
        row.hint.map { "  hint: \($0)" }, "  source row: \(row.row.compact.withVisibleControls)",
      ].compactMap { $0 }
    }
  }

  static func document(_ pattern: QuarantinePattern) -> JSONValue {
    [
      "table": .text(pattern.table), "code": .text(pattern.code), "reason": .text(pattern.reason),
      "column": .optional(pattern.column), "rows": .int(pattern.count),
      "example": document(pattern.example),
    ]
  }

  static func document(_ entry: QuarantineEntry) -> JSONValue {
    let row = entry.row
    return [
      "id": .int(entry.id), "table": .text(entry.table), "feed": .int(entry.feed),
      "chunk": .int(entry.chunk), "code": .text(row.code.rawValue), "reason": .text(row.reason),
      "column": .optional(row.column), "key": row.key, "value": .optional(row.value),
      "hint": .optional(row.hint), "winner": row.winner ?? .null, "retries": .int(entry.retries),
      "row": row.row,
    ]
  }
}
