import MigrationCore

/// Says how many rows a check of the source has read: no rows prove nothing.
struct RowsLookedAt {
  let read: [String: Int]

  var count: Int { read.values.reduce(0, +) }

  private var empty: [String] { read.filter { $0.value == 0 }.keys.sorted() }

  /// What is in the document.
  var json: [(String, JSONValue)] {
    [("read", .int(count)), ("emptyTables", .array(empty.map(JSONValue.text)))]
  }

  /// The last line if nothing was found; it warns if there was nothing to check.
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
