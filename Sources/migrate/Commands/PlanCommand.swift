import MigrationCore

/// `migrate plan`: what would be moved, in which order.
enum PlanCommand {
  static let page = CommandPage(
    words: ["plan"], group: .check,
    summary: "Show the plan: tables in the order of loading, their feeds and references.",
    discussion: [
      "Reads the plan's file and nothing else; no database is needed. A fault in the file is told with "
        + "its line. What is written where in a plan stands in docs/plan.md."
    ],
    examples: [("migrate plan --plan nxt", "the NXT migration")],
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let plan = try settings.plan(at: invocation.planLocation(settings).planFile)
    let overview = PlanOverview(plan)
    if console.isJSON {
      console.result(overview.json)
      return .done
    }
    console.result("\(overview.title) (\(overview.file))")
    let header = ["#", "phase", "table", "command", "columns", "chunk", "reads", "refers to"]
    let rows = overview.rows.map { row in
      [
        "\(row.order)", "\(row.phase)", row.table, row.command, "\(row.columnCount)", row.chunk,
        row.feeds.joined(separator: ", "), row.references.joined(separator: ", "),
      ]
    }
    console.result(TextLayout.table([header] + rows))
    for note in overview.notes { console.result(note) }
    return .done
  }
}
