import MigrationCore

/// Says how many rows a look at the source has read: none is no proof of anything.
struct RowsLookedAt {
  let read: [String: Int]

  var count: Int { read.values.reduce(0, +) }

  private var empty: [String] { read.filter { $0.value == 0 }.keys.sorted() }

  /// What stands in the document.
  var json: [(String, JSONValue)] {
    [("read", .int(count)), ("emptyTables", .array(empty.map(JSONValue.text)))]
  }

  /// The last line where nothing was found; it warns where there was nothing to look at.
  func tell(good: String, _ console: Console) {
    guard count > 0 else {
      console.result(
        "\(console.output.mark(.warning)) no row was looked at: the sources of all tables are empty"
      )
      return
    }
    for table in empty {
      console.result("\(console.output.mark(.warning)) \(table): its sources have no rows")
    }
    console.result(
      "\(console.output.mark(.pass)) \(good) (\(count) \(count == 1 ? "row" : "rows") read)")
  }
}
