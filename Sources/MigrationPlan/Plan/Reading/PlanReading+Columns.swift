import MigrationBasics

/// The columns of a feed.
extension PlanReading {
  /// Reads a feed's columns: its table's first, each replaced by the feed's own if it has one.
  mutating func columns(_ node: JSONNode, sharing table: JSONNode?) -> [ColumnRule] {
    var columns = table.map { ownColumns($0) } ?? []
    let shared = columns.count
    for column in ownColumns(node) {
      if let index = columns.indices.prefix(shared).first(where: {
        columns[$0].column == column.column
      }) {
        columns[index] = column
      } else {
        columns.append(column)
      }
    }
    if columns.isEmpty {
      fault(node, "no column is fed", "add columns: { name: \"source_column\" }")
    }
    return columns
  }

  private mutating func ownColumns(_ node: JSONNode) -> [ColumnRule] {
    var columns: [ColumnRule] = []
    if let same = node["sameColumns"] {
      for element in list(same, "a list of column names") ?? [] {
        guard let name = name(element, "the name of a column") else { continue }
        add(ColumnRule(column: name, rule: .source([name]), place: place(element)), to: &columns)
      }
    }
    if let own = node["columns"] {
      for member in members(own, "an object with a rule for each target column") ?? []
      where isName(member.key, member.keyPosition, member.value.path) {
        // A column whose rule is broken still counts as fed, so that no fault follows from another.
        let rule = rule(member.value) ?? .constant(.null)
        let column = ColumnRule(
          column: member.key, rule: rule, place: place(member.keyPosition))
        add(column, to: &columns)
      }
    }
    return columns
  }

  private mutating func add(_ column: ColumnRule, to columns: inout [ColumnRule]) {
    if let first = columns.first(where: { $0.column == column.column }) {
      add(
        PlanFault(
          at: column.place, "the column \"\(column.column)\" is fed twice",
          remedy: "remove it here or on line \(first.place.line)"))
      return
    }
    columns.append(column)
  }
}
