import MigrationPlan

/// Tables whose rows are those of another table of the plan too.
extension Checking {
  /// A query on a table gives the rows of its partitions and of tables that inherit from it as well.
  ///
  /// Whoever names `tableoid` in the condition has said which of them are wanted.
  mutating func heirs(_ tables: [TablePlan]) {
    let chosen = Set(tables.map(\.name))
    for (whole, part) in catalog.heirs {
      for (table, feed) in readers(of: whole) where feed.filter?.contains("tableoid") != true {
        for (other, _) in readers(of: part) where !chosen.isDisjoint(with: [table, other]) {
          error(
            feed.place,
            "the plan reads \(feed.from) (for \(table)) and its partition or child \(part) (for \(other)): "
              + "rows of \(part) would be loaded twice",
            "remove one of them from the plan, or read only the own rows of \(feed.from): "
              + "where: \"tableoid = '\(plan.source.schema).\(feed.from)'::regclass\"")
        }
      }
    }
  }

  private func readers(of name: String) -> [(table: String, feed: Feed)] {
    plan.tables.flatMap { table in
      table.feeds.filter { $0.from == name }.map { (table.name, $0) }
    }
  }
}
