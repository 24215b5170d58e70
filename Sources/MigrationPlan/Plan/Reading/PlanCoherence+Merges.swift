/// Tables whose equal rows become one.
extension PlanCoherence {
  /// Rows can only be found equal if every feed fills the same columns; ends are looked for when
  /// all rows are there, so that only an id can lead to them.
  static func merges(_ tables: [TablePlan]) -> [PlanFault] {
    tables.filter { $0.merge != nil }.flatMap { differentColumns($0) + references($0) }
  }

  private static func differentColumns(_ table: TablePlan) -> [PlanFault] {
    guard let first = table.feeds.first else { return [] }
    let columns = Set(first.columns.map(\.column))
    return table.feeds.dropFirst().compactMap { feed in
      let others = Set(feed.columns.map(\.column)).symmetricDifference(columns).sorted()
      guard !others.isEmpty else { return nil }
      return PlanFault(
        at: feed.place,
        "table \(table.name) is merged, and its feeds fill different columns: "
          + others.joined(separator: ", "),
        remedy: "fill the same columns in every feed")
    }
  }

  private static func references(_ table: TablePlan) -> [PlanFault] {
    table.feeds.flatMap(\.columns).flatMap { column in
      column.rule.references.compactMap { reference in
        let goesById = reference.ways.count == 1 && reference.ways[0].column == reference.result
        if goesById, reference.orphan == .quarantine { return nil }
        return PlanFault(
          at: column.place,
          goesById
            ? "\(table.name) is merged: an orphan cannot be kept with a null"
            : "\(table.name) is merged: its references can only be looked up by \(reference.result)",
          remedy: goesById
            ? "write orphan: \"quarantine\", or remove orphan"
            : "keep one way: by: { \(reference.result): … }")
      }
    }
  }
}
