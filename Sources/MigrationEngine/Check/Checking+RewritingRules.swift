import MigrationPlan

/// Rules of the target's tables (`CREATE RULE`), which rewrite statements before they run.
extension Checking {
  mutating func rewritingRules(_ table: TablePlan, _ live: PostgresTable) {
    let name = "\(live.schema).\(live.name)"
    let (writing, why) = unbearable(table, live)
    if !writing.isEmpty {
      error(
        table.place, "\(name) has \(writing.words), and \(why)",
        "switch it off for the migration: \(switchingOff(writing, live))")
    } else if case let also = live.rules(on: .insert), !also.isEmpty {
      warning(
        table.place,
        "\(name) has \(also.words): COPY, which loads rows, does not follow it, and statements that try single "
          + "rows do",
        "use a trigger in its place, or switch it off for the migration: \(switchingOff(also, live))"
      )
    }
    let deleting = live.rules(on: .delete)
    guard !deleting.isEmpty else { return }
    warning(
      table.place, "\(name) has \(deleting.words): a rollback would be refused",
      "switch it off before a rollback: \(switchingOff(deleting, live))")
    faults[faults.count - 1].isOfRuns = true
  }

  /// The rules with which the migration's own statements would not do what they say, and why.
  private func unbearable(
    _ table: TablePlan, _ live: PostgresTable
  ) -> (rules: [TableRule], why: String) {
    let instead = live.rules(on: .insert).filter(\.isInstead)
    if !instead.isEmpty {
      return (
        instead, "where rows arrive would depend on the statement: COPY does not follow rules"
      )
    }
    if table.merge != nil {
      return (
        live.rules(on: .insert, .update), "equal rows are merged by a statement that it rewrites"
      )
    }
    let later = PlanOrder(plan.tables).tablesAfter(table.name).union([table.name])
    guard !table.referencedTables.isDisjoint(with: later) else { return ([], "") }
    return (
      live.rules(on: .update, .delete),
      "references to rows that come later are settled by statements that it rewrites"
    )
  }

  private func switchingOff(_ rules: [TableRule], _ live: PostgresTable) -> String {
    (try? rules.switchingOff(live)) ?? "ALTER TABLE … DISABLE RULE …"
  }
}
