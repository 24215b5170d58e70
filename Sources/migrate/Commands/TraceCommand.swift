import MigrationCore

/// `migrate trace`: follows one row from the source to the target.
enum TraceCommand {
  static let table = Option.text("table", "TABLE", help: "The table of the row.")
  static let key = Option.list(
    "key", "VALUE", help: "The row's key in the source; repeat for each column of the key.")

  static let page = CommandPage(
    words: ["trace"], group: .watch,
    summary: "Show one row from the source through every step to the target.",
    options: [table.spec, key.spec],
    examples: [("migrate trace --table customers --key 8a6e…", "follow one customer")],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    guard let table = invocation[table] else {
      throw UsageError.missingOperand("--table TABLE", command: "trace")
    }
    guard !invocation[key].isEmpty else {
      throw UsageError.missingOperand("--key VALUE", command: "trace")
    }
    let (settings, console) = try invocation.settingsAndConsole()
    let request = try RunCommandRequest(invocation, settings).make()
    let traces = try RowTrace.find(request, table: table, key: invocation[key])
    guard !traces.isEmpty else {
      throw MigrationError(
        .failed, "no feed of \(table) has a row with this key",
        place: invocation[key].joined(separator: ", "))
    }
    if console.isJSON {
      console.result(["traces": .array(traces.map(document))])
    } else {
      for trace in traces { show(trace, console) }
    }
    return .done
  }

  private static func show(_ trace: RowTrace, _ console: Console) {
    console.result("\(trace.feed) → \(trace.table)")
    console.result("  source row: \(trace.sourceRow.compact.withVisibleControls)")
    for step in trace.steps { console.result("  " + TraceText.line(step)) }
    for entry in trace.quarantined {
      console.result(
        "  quarantined: \(entry.row.code.rawValue) \(entry.row.reason), \(entry.status.rawValue)")
    }
    if let row = trace.targetRow {
      console.result("  target row: \(row.compact.withVisibleControls)")
    } else {
      console.result("  the target has no row with this key")
    }
  }

  private static func document(_ trace: RowTrace) -> JSONValue {
    [
      "table": .text(trace.table), "feed": .text(trace.feed), "sourceRow": trace.sourceRow,
      "steps": .array(trace.steps.map(TraceText.document)), "targetRow": trace.targetRow ?? .null,
      "quarantined": .array(
        trace.quarantined.map {
          [
            "code": .text($0.row.code.rawValue), "reason": .text($0.row.reason),
            "state": .text($0.status.rawValue),
          ]
        }),
    ]
  }
}
