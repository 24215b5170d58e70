import MigrationCore

/// `migrate plan`: shows the tables of the plan in loading order.
enum PlanCommand {
  static let page = CommandPage(
    words: ["plan"], group: .check,
    summary: "Show the tables of the plan in loading order, with feeds and references.",
    discussion: [
      "Reads only the plan file; needs no database. Reports an error in the file with its "
        + "line. docs/plan.md describes the file."
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
