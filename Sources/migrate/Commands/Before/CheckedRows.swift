import MigrationCore

/// The number of rows that a check of the source has read. A check of no rows is only a warning.
struct CheckedRows {
  let read: [String: Int]

  var count: Int { read.values.reduce(0, +) }

  private var empty: [String] { read.filter { $0.value == 0 }.keys.sorted() }

  /// The members of the document.
  var json: [(String, JSONValue)] {
    [("read", .int(count)), ("emptyTables", .array(empty.map(JSONValue.text)))]
  }

  /// Prints the last line if nothing was found; warns if there were no rows to check.
  func show(good: String, _ console: Console) {
    guard count > 0 else {
      console.result(
        "\(console.output.mark(.warning)) no rows were read: the sources of all tables are empty"
      )
      return
    }
    for table in empty {
      console.result("\(console.output.mark(.warning)) \(table): the source has no rows")
    }
    console.result(
      "\(console.output.mark(.pass)) \(good) (\(CountText.of(count, "row")) read)")
  }
}
