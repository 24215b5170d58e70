import MigrationCore

/// `migrate plan explain TABLE`: shows how the rules transform sample rows, step by step.
enum PlanExplainCommand {
  static let key = Option.list(
    "key", "VALUE", help: "Explain the row with this key; repeat for each column of the key.")
  static let limit = Option.integer(
    "limit", "N", in: 1...1000, otherwise: 3,
    help: "Explain the first N rows of each source (default: 3).")

  static let page = CommandPage(
    words: ["plan", "explain"], group: .check,
    summary: "Show how the rules transform sample rows of a table, step by step.",
    discussion: [
      "Reads rows from the live source and applies the current rules of the plan. Shows "
        + "the value before and after each step, and the target row, or the reason for its "
        + "quarantine. Looks up references in the current target. Writes nothing.",
      "Does not detect duplicates, which needs all rows, and does not check constraints on "
        + "the server.",
    ],
    operands: [Operand(name: "TABLE", help: "The table to explain.", isRequired: true)],
    options: [key.spec, limit.spec],
    examples: [
      ("migrate plan explain customers", "the first rows"),
      ("migrate plan explain customers --key 8a6e…", "one row"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let table = invocation.operands[0]
    var request = try RunCommandRequest(invocation, settings).make(operandsAreTables: false)
    // `--limit` belongs to this command.
    request.rowLimit = nil
    let values = invocation[key]
    let rows = try RowExplanation.find(
      request, table: table, values.isEmpty ? .first(invocation[limit]) : .key(values))
    guard !rows.isEmpty || values.isEmpty else {
      throw MigrationError(
        .failed, "no feed of \(table) has a row with this key",
        place: values.joined(separator: ", "))
    }
    if console.isJSON {
      console.result(["table": .text(table), "rows": .array(rows.map(document))])
      return .done
    }
    for row in rows { show(row, table, console) }
    if rows.isEmpty { console.result("the source of \(table) has no rows") }
    return .done
  }

  private static func show(_ row: RowExplanation, _ table: String, _ console: Console) {
    console.result("\(row.feed) → \(table)")
    console.result("  source row: \(row.sourceRow.compact.withVisibleControls)")
    for step in row.steps { console.result("  " + TraceText.line(step)) }
    for warning in row.warnings {
      console.result("  warning: \(warning.column): \(warning.reason)")
    }
    if let reject = row.reject {
      let value = reject.value.map { ", value: \($0.withVisibleControls)" } ?? ""
      console.result(
        "  quarantined: \(reject.code.rawValue) \(reject.column): \(reject.reason.name)\(value)")
      console.result("    hint: \(reject.hint)")
    } else {
      console.result("  target row: \(targetRow(row).compact.withVisibleControls)")
    }
  }

  private static func targetRow(_ row: RowExplanation) -> JSONValue {
    .object(JSONObject(row.targetRow.map { ($0.column, .optional($0.value)) }))
  }

  private static func document(_ row: RowExplanation) -> JSONValue {
    let reject: JSONValue =
      row.reject.map { reject in
        [
          "code": .text(reject.code.rawValue), "column": .text(reject.column),
          "reason": .text(reject.reason.name), "value": .optional(reject.value),
          "toDo": .text(reject.hint),
        ]
      } ?? .null
    return [
      "feed": .text(row.feed), "sourceRow": row.sourceRow,
      "steps": .array(row.steps.map(TraceText.document)),
      "targetRow": row.reject == nil ? targetRow(row) : .null, "setAside": reject,
      "warnings": .array(
        row.warnings.map { ["column": .text($0.column), "reason": .text($0.reason)] }),
    ]
  }
}

/// A transformation step, as a line and as a document.
enum TraceText {
  static func line(_ step: TraceStep) -> String {
    let before = step.before.map { $0 ?? "null" }.joined(separator: ", ")
    let failure = step.failure.map { "  FAILED: \($0)" } ?? ""
    // Values come from the source: escape control characters, so that they cannot forge lines.
    return "\(step.column): \(step.step): \(before) → \(step.after ?? "null")\(failure)"
      .withVisibleControls
  }

  static func document(_ step: TraceStep) -> JSONValue {
    [
      "column": .text(step.column), "step": .text(step.step),
      "before": .array(step.before.map(JSONValue.optional)), "after": .optional(step.after),
      "failure": .optional(step.failure.map { "\($0)" }),
    ]
  }
}
