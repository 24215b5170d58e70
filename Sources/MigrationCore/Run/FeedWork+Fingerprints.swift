/// What the rows of a feed are hashed of.
extension FeedWork {
  /// Returns the columns that the rows of a feed are hashed of, in order.
  ///
  /// All feeds of a table are hashed alike where that can be: a column that one of them does not fill
  /// is null in its rows, unless the server fills it.
  static func hashedColumns(
    of feed: FeedWork, among feeds: [FeedWork], _ target: PostgresTable
  ) -> [String] {
    let own = Set(feed.program.fingerprintColumns)
    var columns: [String] = []
    for name in feeds.flatMap(\.program.fingerprintColumns) where !columns.contains(name) {
      if own.contains(name) || target[name]?.hasDefault == false { columns.append(name) }
    }
    return columns
  }

  /// The same feed, whose rows are hashed of some columns.
  func hashing(_ columns: [String]?) -> FeedWork {
    guard let columns, columns != program.targetColumns else { return self }
    var work = self
    work.hashedFields = columns.map { program.targetColumns.firstIndex(of: $0) ?? -1 }
    return work
  }
}
