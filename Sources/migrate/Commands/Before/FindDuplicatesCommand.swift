import MigrationCore

/// `migrate find-duplicates`: source rows that a unique key of the target rejects.
enum FindDuplicatesCommand {
  /// The number of groups to print; `--json` lists all.
  private static let shown = 50

  static let page = CommandPage(
    words: ["find-duplicates"], group: .check,
    summary: "Find rows that share values which the target allows only once.",
    discussion: [
      "In the source: transforms every row into a scratch schema, in a transaction that is "
        + "rolled back. Shows rows with equal values in a unique column or set of columns as "
        + "groups, with the row that is kept: the first by feed, then by key. A run "
        + "quarantines the others.",
      "With --in target, after a migration: finds values that a table contains more than "
        + "once although its key, a unique index or the plan allows them once.",
      "Exits with 4 if there are any, and with 0 and a warning if there were no rows.",
    ],
    options: [
      FindOrphansCommand.place.spec, SharedOptions.tables.spec, SharedOptions.rate.spec,
      SharedOptions.statementTimeout.spec,
    ],
    examples: [
      ("migrate find-duplicates", "in all tables"),
      ("migrate find-duplicates --in target", "after a migration"),
      ("migrate find-duplicates --table suppliers", "suppliers and vendors with the same code"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration, .validation, .locked], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    let console = target.console
    if invocation[FindOrphansCommand.place] == "target" {
      return try TargetDuplicatesText.run(invocation, target)
    }
    let (groups, rows, read) = try SourceDuplicates.find(
      invocation.readiness(target), tables: invocation.tables(target.plan))
    if console.isJSON {
      let members: [(String, JSONValue)] = [
        ("plan", .text(target.plan.name)), ("rows", .int(rows)),
        ("isComplete", .bool(rows <= SourceDuplicates.most)),
        ("groups", .array(groups.map(\.json))),
      ]
      console.result(.object(JSONObject(members + CheckedRows(read: read).json)))
    } else {
      for group in groups.prefix(shown) { show(group, console) }
      if groups.count > shown {
        console.result("and \(CountText.of(groups.count - shown, "more group")): --json lists all")
      }
      if rows == 0 {
        CheckedRows(read: read).show(good: "no duplicates", console)
      } else {
        console.result(
          "\(console.output.mark(.failure)) \(CountText.of(rows, "row")) would be quarantined as duplicates, in "
            + "\(CountText.of(groups.count, "group")); fix them in the source, or let the run quarantine them"
        )
      }
    }
    return rows == 0 ? .done : .validation
  }

  private static func show(_ group: DuplicateGroup, _ console: Console) {
    console.result("\(group.table), equal \(group.columns):")
    console.result("  kept: \(group.winner)")
    for row in group.losers { console.result("  duplicate: \(row)") }
  }
}
