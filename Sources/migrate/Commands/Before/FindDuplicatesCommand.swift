import MigrationCore

/// `migrate find-duplicates`: rows of the source that a unique key of the target will refuse.
enum FindDuplicatesCommand {
  /// More groups than this are in the document alone.
  private static let shown = 50

  static let page = CommandPage(
    words: ["find-duplicates"], group: .check,
    summary: "Find rows that have the same values where the target allows them once.",
    discussion: [
      "In the source: every row goes through the plan's rules into a scratch schema, in a transaction that is rolled "
        + "back. Rows that are the same in a unique column or set of columns are shown as groups, with "
        + "the one that would win: the first by the order of feeds, then of keys. The others would be "
        + "quarantined. In the target, after a migration: values that are in a table more than once although its key, a "
        + "unique index or the plan allows them once. The exit code is 4 if there are any, and 0 with a warning if "
        + "there were no rows."
    ],
    options: [
      FindOrphansCommand.place.spec, SharedOptions.tables.spec, SharedOptions.rate.spec,
      SharedOptions.statementTimeout.spec,
    ],
    examples: [
      ("migrate find-duplicates", "in all tables"),
      ("migrate find-duplicates --in target", "after a migration"),
      ("migrate find-duplicates --table suppliers", "suppliers and vendors with one code"),
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
      console.result(.object(JSONObject(members + RowsLookedAt(read: read).json)))
    } else {
      for group in groups.prefix(shown) { tell(group, console) }
      if groups.count > shown {
        console.result("and \(groups.count - shown) groups more: --json shows them")
      }
      if rows == 0 {
        RowsLookedAt(read: read).tell(good: "no row would lose against another one", console)
      } else {
        console.result(
          "\(console.output.mark(.failure)) \(rows) rows would be set aside, in \(groups.count) groups; "
            + "change them in the source, or leave it to the migration")
      }
    }
    return rows == 0 ? .done : .validation
  }

  private static func tell(_ group: DuplicateGroup, _ console: Console) {
    console.result("\(group.table), the same \(group.columns):")
    console.result("  wins: \(group.winner)")
    for loser in group.losers { console.result("  loses: \(loser)") }
  }
}
