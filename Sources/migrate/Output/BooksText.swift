import MigrationCore

/// The row counts of a table, as a line and as JSON.
enum BooksText {
  static func line(_ sheet: RowCounts) -> String {
    var parts = [count(sheet.read, "read"), count(sheet.loaded, "loaded")]
    if sheet.merged > 0 { parts.append(count(sheet.merged, "merged")) }
    if sheet.asymmetric > 0 { parts.append(count(sheet.asymmetric, "known to one side only")) }
    if sheet.filtered > 0 { parts.append(count(sheet.filtered, "filtered")) }
    parts.append(count(sheet.quarantined, "quarantined"))
    if sheet.retried > 0 { parts.append(count(sheet.retried, "of them retried")) }
    if sheet.warned > 0 { parts.append(CountText.of(sheet.warned, "warning")) }
    return parts.joined(separator: ", ") + (sheet.closes ? "" : "; THE ROW COUNTS DO NOT ADD UP")
  }

  private static func count(_ number: Int, _ word: String) -> String {
    GroupedNumber.text(number) + " " + word
  }

  static func json(_ sheet: RowCounts) -> JSONValue {
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
