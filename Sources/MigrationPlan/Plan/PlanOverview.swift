import MigrationBasics

/// What `migrate plan` shows: a row for each table, in the order of loading.
package struct PlanOverview: Sendable, Hashable {
  package struct Row: Sendable, Hashable {
    /// The table's place in the order, from 1.
    package let order: Int
    package let phase: Int
    package let command: String
    package let table: String
    /// The source tables, in the order that decides about duplicates.
    package let feeds: [String]
    /// How many columns of the target are fed.
    package let columnCount: Int
    /// The tables that rows are looked up in.
    package let references: [String]
    /// `auto`, or the number of rows.
    package let chunk: String
    /// When indexes and foreign keys are suspended.
    package let setAside: String
    /// How equal rows become one.
    package let merge: Merge?

    package init(
      order: Int, phase: Int, command: String, table: String, feeds: [String], columnCount: Int,
      references: [String], chunk: String, setAside: String, merge: Merge?
    ) {
      self.order = order
      self.phase = phase
      self.command = command
      self.table = table
      self.feeds = feeds
      self.columnCount = columnCount
      self.references = references
      self.chunk = chunk
      self.setAside = setAside
      self.merge = merge
    }

  }
  package let name: String
  package let title: String
  package let file: String
  /// What the phases are about, by their numbers.
  package let phases: [Int: String]
  package let rows: [Row]
  /// Tables that refer to each other in a circle.
  package let cycles: [[String]]

  package init(_ plan: Plan) {
    (name, title, file) = (plan.name, plan.title, plan.file)
    phases = plan.phases
    rows = plan.tables.enumerated().map { Row($0.element, order: $0.offset + 1) }
    cycles = PlanOrder(plan.tables).cycles
  }

  /// What there is to know about the order, a sentence each.
  package var notes: [String] {
    let selves = rows.filter { $0.references.contains($0.table) }.map(\.table)
    return selves.map {
      "\($0) refers to itself: its foreign key is checked after its last row is loaded."
    }
      + cycles.map {
        "\($0.joined(separator: ", ")) refer to each other: they are loaded together, and the "
          + "foreign keys between them are checked after the last of them."
      }
  }

  /// The overview as a command's JSON output.
  package var json: JSONValue {
    [
      "plan": .text(name), "title": .text(title), "file": .text(file),
      "phases": .object(
        JSONObject(phases.sorted { $0.key < $1.key }.map { ("\($0.key)", .text($0.value)) })),
      "tables": .array(rows.map(\.json)), "notes": .array(notes.map(JSONValue.text)),
      "cycles": .array(cycles.map { .array($0.map(JSONValue.text)) }),
    ]
  }
}

extension PlanOverview.Row {
  package init(_ table: TablePlan, order: Int) {
    self.order = order
    (phase, command, self.table) = (table.phase, table.command, table.name)
    feeds = table.feeds.map(\.from)
    columnCount = Set(table.feeds.flatMap { $0.columns.map(\.column) }).count
    references = table.referencedTables.sorted()
    setAside = table.loading.setAside.rawValue
    merge = table.merge
    chunk =
      switch table.chunk {
      case .automatic: "auto"
      case .rows(let count): String(count)
      }
  }

  /// The row as an object.
  package var json: JSONValue {
    [
      "order": .int(order), "phase": .int(phase), "command": .text(command),
      "table": .text(table), "feeds": .array(feeds.map(JSONValue.text)),
      "columns": .int(columnCount), "references": .array(references.map(JSONValue.text)),
      "chunk": .text(chunk), "setAside": .text(setAside), "merge": .optional(merge?.rawValue),
    ]
  }
}
