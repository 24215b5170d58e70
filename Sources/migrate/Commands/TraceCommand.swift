import MigrationCore

/// `migrate trace`: follows one source row to where it ended.
enum TraceCommand {
  static let table = Option.text("table", "TABLE", help: "The target table.")
  static let key = Option.list(
    "key", "VALUE", help: "The source row's key; once for each of its columns.")

  static let page = CommandPage(
    words: ["trace"], group: .watch,
    summary: "Show one row's whole way: source row, each rule's step, where it ended.",
    options: [table.spec, key.spec],
    examples: [("migrate trace --table suppliers --key 000123", "one supplier")],
    exitCodes: [.done, .failed, .usage, .configuration],
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    guard let table = invocation[table], !invocation[key].isEmpty else {
      throw UsageError.badValue("", of: "trace", expected: "--table TABLE and --key VALUE")
    }
    let request = try RunCommandRequest(invocation, settings).make()
    let traces = try RowTrace.find(request, table: table, key: invocation[key])
    if console.isJSON {
      console.result(.array(traces.map(json)))
    } else {
      for trace in traces { tell(trace, console) }
    }
    guard traces.isEmpty else { return .done }
    throw MigrationError(
      .failed, "no source row of \(table) has the key \(invocation[key].joined(separator: ", "))",
      remedy: "give the key as the source has it")
  }

  private static func tell(_ trace: RowTrace, _ console: Console) {
    console.result("source row of \(trace.feed): \(trace.sourceRow.compact)")
    let rows = trace.steps.map { step in
      [
        step.column, step.step, step.before.map { $0 ?? "null" }.joined(separator: ", "),
        step.failure.map { "REJECTED: \($0.name)" } ?? step.after ?? "null",
      ]
    }
    console.result(TextLayout.table([["column", "step", "before", "after"]] + rows))
    if let row = trace.targetRow { console.result("in \(trace.table): \(row.compact)") }
    for entry in trace.quarantined {
      console.result(
        "set aside (\(entry.status.rawValue)): \(entry.row.code.rawValue) \(entry.row.reason)"
          + (entry.row.winner.map { ", first: \($0.compact)" } ?? ""))
    }
    if trace.targetRow == nil, trace.quarantined.isEmpty {
      console.result("not in \(trace.table), and not set aside")
    }
  }

  private static func json(_ trace: RowTrace) -> JSONValue {
    [
      "table": .text(trace.table), "from": .text(trace.feed), "sourceRow": trace.sourceRow,
      "steps": .array(
        trace.steps.map { step in
          [
            "column": .text(step.column), "step": .text(step.step),
            "before": .array(step.before.map(JSONValue.optional)),
            "after": .optional(step.after), "failure": .optional(step.failure?.name),
          ]
        }),
      "targetRow": trace.targetRow ?? .null,
      "quarantined": .array(trace.quarantined.map(ErrorsCommand.json)),
    ]
  }
}
