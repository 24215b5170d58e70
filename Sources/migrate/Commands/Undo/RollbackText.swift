import MigrationCore

/// A rollback as text, before and after.
enum RollbackText {
  static func lines(_ preview: RollbackPreview) -> [String] {
    let session = preview.session
    var lines = [
      "\(preview.isResumed ? "continuing " : "")rollback \(preview.scope) of session \(session.id) "
        + "(\(session.name)), in this order:"
    ]
    let header = ["table", "to delete", "rows before", "of others", "changed since", "how"]
    lines.append(
      TextLayout.table(
        [header]
          + preview.tables.map { table in
            [
              table.name, number(table.rows), table.rowsBefore.map(number) ?? "?",
              number(table.others), table.untold == nil ? number(table.changed) : "?",
              (table.isEmptied ? "emptied" : "row by row")
                + (table.isPart ? ", a part" : ""),
            ]
          }))
    for table in preview.tables { lines += remarks(table, force: preview.force) }
    for obstacle in preview.obstacles {
      lines.append("blocked: \(obstacle.what)")
      lines.append("    hint: \(obstacle.remedy)")
    }
    if !preview.obstacles.isEmpty {
      lines.append("the rollback does not start while anything blocks it")
    }
    return lines
  }

  private static func remarks(_ table: RollbackPreview.Table, force: Bool) -> [String] {
    var lines: [String] = []
    if let why = table.untold {
      lines.append(
        "\(table.name): \(why); keeps these rows, which were written since the migration started: "
          + keys(table.changedKeys))
    } else if table.changed > 0 {
      lines.append(
        "\(table.name): \(CountText.of(table.changed, "row")) changed since the load, "
          + (force ? "also deleted" : "kept") + ": " + keys(table.changedKeys))
    }
    if table.missing > 0, table.untold == nil {
      lines.append(
        "\(table.name): \(CountText.of(table.missing, "row is", "rows are")) missing: others deleted them, "
          + "or changed them after they left the source")
    }
    return lines
  }

  /// Returns up to 20 keys; `--json` lists up to 1,000.
  private static func keys(_ keys: [String]) -> String {
    let shown = keys.prefix(20).joined(separator: "; ")
    return keys.count > 20 ? shown + "; … (\(GroupedNumber.text(keys.count)) with --json)" : shown
  }

  private static func number(_ count: Int) -> String { GroupedNumber.text(count) }

  static func lines(_ record: RollbackRecord) -> [String] {
    var lines = [
      "rollback \(record.id) (\(record.scope)) of session \(record.session): \(record.status.rawValue), "
        + "by \(record.begunBy), begun \(record.begun)"
        + (record.ended.map { ", ended \($0)" } ?? "")
    ]
    if let note = record.note { lines.append(note) }
    let header = [
      "table", "state", "deleted", "kept", "of others", "left", "rows before", "how",
    ]
    lines.append(
      TextLayout.table(
        [header]
          + record.tables.map { table in
            [
              table.name, table.status.rawValue, number(table.gone), number(table.kept),
              number(table.others), number(table.left), table.rowsBefore.map(number) ?? "?",
              table.method ?? "",
            ]
          }))
    for table in record.tables {
      if table.missing > 0 {
        lines.append(
          "\(table.name): \(CountText.of(table.missing, "loaded row was", "loaded rows were")) already missing"
        )
      }
      if table.kept > 0 {
        lines.append(
          "\(table.name): kept \(CountText.of(table.kept, "row")) changed since the load; "
            + "to delete them too: migrate rollback --tables \(table.name) --force"
        )
      }
      if !table.keptKeys.isEmpty {
        lines.append("kept of \(table.name): " + keys(table.keptKeys))
      }
      for sequence in table.sequences {
        lines.append("sequence \(sequence.name): \(sequence.outcome.rawValue)")
      }
    }
    return lines
  }
}
