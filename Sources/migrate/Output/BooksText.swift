import MigrationCore

/// The row counts of a table, as a line and as JSON.
enum BooksText {
  static func line(_ sheet: BalanceSheet) -> String {
    var parts = ["\(sheet.read) read", "\(sheet.loaded) loaded"]
    if sheet.merged > 0 { parts.append("\(sheet.merged) merged") }
    if sheet.asymmetric > 0 { parts.append("\(sheet.asymmetric) known to one side only") }
    if sheet.filtered > 0 { parts.append("\(sheet.filtered) filtered") }
    parts.append("\(sheet.quarantined) set aside")
    if sheet.retried > 0 { parts.append("\(sheet.retried) of them retried") }
    if sheet.warned > 0 { parts.append("\(sheet.warned) warnings") }
    return parts.joined(separator: ", ") + (sheet.closes ? "" : "; THE BOOKS DO NOT CLOSE")
  }

  static func json(_ sheet: BalanceSheet) -> JSONValue {
    [
      "table": .text(sheet.table), "read": .int(sheet.read), "loaded": .int(sheet.loaded),
      "merged": .int(sheet.merged), "asymmetric": .int(sheet.asymmetric),
      "filtered": .int(sheet.filtered),
      "quarantined": .int(sheet.quarantined), "open": .int(sheet.open),
      "retried": .int(sheet.retried), "settled": .int(sheet.settled),
      "warnings": .int(sheet.warned), "chunks": .int(sheet.chunks),
      "chunksDone": .int(sheet.chunksDone), "closes": .bool(sheet.closes),
    ]
  }
}
