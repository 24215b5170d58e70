import MigrationCore

/// A rollback as lines for people, before and after.
enum RollbackText {
  static func lines(_ preview: RollbackPreview) -> [String] {
    let session = preview.session
    var lines = [
      "\(preview.isResumed ? "going on with " : "")rollback \(preview.scope) of session \(session.id) "
        + "(\(session.name)), in this order:"
    ]
    let header = ["table", "rows go", "there before", "of others", "changed since", "how"]
    lines.append(
      TextLayout.table(
        [header]
          + preview.tables.map { table in
            [
              table.name, "\(table.rows)", table.rowsBefore.map { "\($0)" } ?? "?",
              "\(table.others)", table.untold == nil ? "\(table.changed)" : "?",
              (table.isEmptied ? "emptied" : "row by row")
                + (table.isPart ? ", a part" : ""),
            ]
          }))
    for table in preview.tables { lines += remarks(table, force: preview.force) }
    for obstacle in preview.obstacles {
      lines.append("in the way: \(obstacle.what)")
      lines.append("    to do: \(obstacle.remedy)")
    }
    if !preview.obstacles.isEmpty {
      lines.append("nothing will be done while anything is in the way")
    }
    return lines
  }

  private static func remarks(_ table: RollbackPreview.Table, force: Bool) -> [String] {
    var lines: [String] = []
    if let why = table.untold {
      lines.append(
        "\(table.name): \(why); these rows were written since the migration began and are kept: "
          + keys(table.changedKeys))
    } else if table.changed > 0 {
      lines.append(
        "\(table.name): \(table.changed) rows were changed since they were brought and "
          + (force ? "go too" : "are kept") + ": " + keys(table.changedKeys))
    }
    if table.missing > 0, table.untold == nil {
      lines.append(
        "\(table.name): \(table.missing) rows are not there any more: others deleted them, or "
          + "changed them after they had left the source")
    }
    return lines
  }

  /// Some keys; `--json` shows up to a thousand.
  private static func keys(_ keys: [String]) -> String {
    let shown = keys.prefix(20).joined(separator: "; ")
    return keys.count > 20 ? shown + "; … (\(keys.count) with --json)" : shown
  }

  static func lines(_ record: RollbackRecord) -> [String] {
    var lines = [
      "rollback \(record.id) (\(record.scope)) of session \(record.session): \(record.status.rawValue), "
        + "by \(record.begunBy), begun \(record.begun)"
        + (record.ended.map { ", ended \($0)" } ?? "")
    ]
    if let note = record.note { lines.append(note) }
    let header = [
      "table", "state", "rows gone", "kept", "of others", "left", "there before", "how",
    ]
    lines.append(
      TextLayout.table(
        [header]
          + record.tables.map { table in
            [
              table.name, table.status.rawValue, "\(table.gone)", "\(table.kept)",
              "\(table.others)", "\(table.left)", table.rowsBefore.map { "\($0)" } ?? "?",
              table.method ?? "",
            ]
          }))
    for table in record.tables {
      if table.missing > 0 {
        lines.append(
          "\(table.name): \(table.missing) rows that the ledger had as loaded were not there to be taken out"
        )
      }
      if table.kept > 0 {
        lines.append(
          "\(table.name): \(table.kept) rows of the migration were changed since and are kept; "
            + "to take them out too: migrate rollback --tables \(table.name) --force"
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
