import Foundation
import TestSupport

/// One row of a legacy table, and the expected result.
struct MappingRow {
  let name: String
  let feed: MappingFeed
  /// What the source columns hold, as SQL.
  let given: [String: String]
  /// What the target holds, for each line that concerns this row.
  let wanted: [String: String]
  /// Code, reason, column and value of a row that is quarantined.
  var reject: [String]?
  var warning: (column: String, reason: String)?

  /// The value that the row is found by: in the target, and for a bad row in the quarantine.
  var key: String { wanted[feed.key] ?? "" }

  static func all(of feed: MappingFeed) -> [MappingRow] {
    var rows = [
      MappingRow(name: "full", feed, { $0.full }), MappingRow(name: "bare", feed, { $0.bare }),
    ]
    for line in feed.lines {
      for (index, cell) in line.also.enumerated() {
        rows.append(
          MappingRow(name: "\(line.target) also \(index)", feed, line, cell, number: rows.count + 8)
        )
      }
      for (index, cell) in line.bad.enumerated() {
        var row = MappingRow(
          name: "\(line.target) bad \(index)", feed, line, cell, number: rows.count + 8)
        row.reject = cell.reject
        rows.append(row)
      }
    }
    return rows
  }

  private init(name: String, _ feed: MappingFeed, _ cell: (MappingLine) -> MappingCell?) {
    (self.name, self.feed) = ("\(feed.source) \(name)", feed)
    var (given, wanted) = ([String: String](), [String: String]())
    for line in feed.lines {
      guard let cell = cell(line) else { continue }
      for (column, value) in zip(line.sources, cell.given) { given[column] = value }
      wanted[line.target] = cell.wanted
    }
    (self.given, self.wanted) = (given, wanted)
  }

  /// A row like the full one, but for one line and for what is different in every row.
  private init(
    name: String, _ feed: MappingFeed, _ tried: MappingLine, _ cell: MappingCell, number: Int
  ) {
    let full = MappingRow(name: "full", feed) { $0.full }
    var (given, wanted) = (full.given, full.wanted)
    for line in feed.lines {
      guard let each = line.each else { continue }
      let text = { (text: String) in text.replacingOccurrences(of: "{n}", with: "\(number)") }
      for (column, value) in zip(line.sources, each.given) { given[column] = text(value) }
      wanted[line.target] = text(each.wanted)
    }
    for (column, value) in zip(tried.sources, cell.given) { given[column] = value }
    for line in feed.lines where !Set(line.sources).isDisjoint(with: Set(tried.sources)) {
      wanted[line.target] = line.target == tried.target ? cell.wanted : nil
    }
    if tried.target == feed.key, cell.kind == .bad { wanted[feed.key] = "" }
    (self.name, self.feed) = ("\(feed.source) \(name)", feed)
    (self.given, self.wanted) = (given, wanted)
    warning = cell.warning.map { (tried.column, $0) }
  }

  var insert: String {
    let columns = given.keys.sorted()
    return "insert into \(feed.source) (\(columns.joined(separator: ", "))) values "
      + "(\(columns.map { given[$0] ?? "null" }.joined(separator: ", ")));"
  }

  /// A query for the result of the row: a line of `target|value` for each line of the mapping.
  func query(_ lines: [MappingLine]) -> String {
    let names = lines.map { "'\($0.target)'" }.joined(separator: ", ")
    let values = lines.map { "coalesce((\($0.expression))::text, 'NULL')" }.joined(separator: ", ")
    let key = feed.line(feed.key)?.expression ?? feed.key
    return "select unnest(array[\(names)]), unnest(array[\(values)]) from \(feed.target) "
      + "where (\(key))::text = '\(self.key)';"
  }
}
