import MigrationCore

/// The warnings of a session, with row counts and example rows.
struct WarningsText {
  private let found: [(table: String, warning: WarningCount)]

  init(_ found: [(table: String, warning: WarningCount)], table: String?) {
    self.found = found.filter { table == nil || $0.table == table }
  }

  func show(_ console: Console) {
    if console.isJSON {
      console.result(["warnings": .array(found.map(document))])
      return
    }
    for (table, warning) in found {
      console.result(
        "\(table).\(warning.column ?? ""): \(warning.reason), \(CountText.of(warning.count, "row")), such as "
          + warning.examples.map(\.compact).joined(separator: ", "))
    }
    if found.isEmpty { console.result("no warnings") }
  }

  private func document(_ entry: (table: String, warning: WarningCount)) -> JSONValue {
    [
      "table": .text(entry.table), "column": .optional(entry.warning.column),
      "reason": .text(entry.warning.reason), "rows": .int(entry.warning.count),
      "examples": .array(entry.warning.examples),
    ]
  }
}
