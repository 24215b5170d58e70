import MigrationBasics
import MigrationPlan

/// What the rows of a feed are hashed of.
extension FeedWork {
  /// Returns the columns that the rows of a feed are hashed of, in order.
  ///
  /// All feeds of a table are hashed alike if that can be: a column that one of them does not fill
  /// is null in its rows, unless the server fills it.
  static func hashedColumns(
    of feed: FeedWork, among feeds: [FeedWork], _ target: PostgresTable
  ) -> [HashedColumn] {
    let own = feed.program.fingerprintColumns
    var columns: [HashedColumn] = []
    for column in feeds.flatMap(\.program.fingerprintColumns) where !columns.contains(column) {
      let isLeftNull =
        target[column.name]?.hasDefault == false && !own.contains { $0.name == column.name }
      if own.contains(column) || isLeftNull { columns.append(column) }
    }
    return columns
  }

  /// The same feed, whose rows are hashed of some columns.
  package func hashing(_ columns: [HashedColumn]?) -> FeedWork {
    guard let columns else { return self }
    var work = self
    work.hashedColumns = columns
    let fields = columns.map { program.targetColumns.firstIndex(of: $0.name) ?? -1 }
    work.hashedFields = fields == Array(program.targetColumns.indices) ? nil : fields
    return work
  }
}
