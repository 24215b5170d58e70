import Foundation
import TestSupport

/// A feed of the NXT mapping with its lines, read from `Tests/Fixtures/nxt-mapping`.
struct MappingFeed {
  let source: String
  let target: String
  /// The target column by whose value a row is found.
  let key: String
  var lines: [MappingLine] = []

  static func all() throws -> [MappingFeed] {
    let folder = packageRoot + "/Tests/Fixtures/nxt-mapping"
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { $0.hasSuffix(".txt") }
      .map { try MappingFeed(String(contentsOfFile: folder + "/" + $0, encoding: .utf8)) }
  }

  init(_ text: String) throws {
    var rows = text.split(separator: "\n").map(String.init)[...]
    guard let feed = rows.popFirst()?.firstMatch(of: /^feed (\S+) -> (\S+)$/),
      let key = rows.popFirst()?.firstMatch(of: /^key (\S+)$/)
    else { throw Self.failure("the first lines are not feed and key") }
    (source, target, self.key) = (String(feed.1), String(feed.2), String(key.1))
    for row in rows {
      if row.hasPrefix("  ") {
        guard !lines.isEmpty else { throw Self.failure(row) }
        try lines[lines.count - 1].add(MappingCell(row))
      } else {
        lines.append(try MappingLine(row, after: lines))
      }
    }
  }

  static func failure(_ text: String) -> SubprocessFailure {
    SubprocessFailure(description: "can't be read in the mapping: \(text)")
  }

  func line(_ target: String) -> MappingLine? { lines.first { $0.target == target } }
}

/// One line of the mapping: what a target column, or a key inside of it, is made of.
struct MappingLine {
  let target: String
  let type: String
  let sources: [String]
  let rules: String
  /// Whether its source columns are in a line before, which gives them.
  let isBorrowed: Bool
  var full: MappingCell?
  var bare: MappingCell?
  var also: [MappingCell] = []
  var bad: [MappingCell] = []
  var each: MappingCell?

  init(_ row: String, after lines: [MappingLine]) throws {
    guard let parts = row.firstMatch(of: /^(\S+) : (.+?) <- (.*?) ?\|(.*)$/) else {
      throw MappingFeed.failure(row)
    }
    (target, type) = (String(parts.1), String(parts.2))
    sources = parts.3.split(separator: " ; ").map(String.init)
    rules = parts.4.trimmingCharacters(in: .whitespaces)
    let given = Set(lines.flatMap(\.sources))
    isBorrowed = !given.isDisjoint(with: sources)
  }

  mutating func add(_ cell: MappingCell) throws {
    guard cell.given.count == (isBorrowed ? 0 : sources.count) || cell.kind == .each else {
      throw MappingFeed.failure("\(target): \(cell)")
    }
    switch cell.kind {
    case .full: full = cell
    case .bare: bare = cell
    case .also: also.append(cell)
    case .bad: bad.append(cell)
    case .each: each = cell
    }
  }

  /// The cells of rows that are loaded.
  var good: [MappingCell] { [full, bare].compactMap { $0 } + also }

  /// The column of the table, and the expression for what the line is about.
  var column: String { String(target.prefix { $0 != "." }) }
  var expression: String {
    column + target.split(separator: ".").dropFirst().map { "->'\($0)'" }.joined()
  }
}

/// What source columns hold in a row, and what has to come of it.
struct MappingCell {
  enum Kind: String { case full, bare, also, bad, each }
  let kind: Kind
  let given: [String]
  let wanted: String
  /// The warning that the row counts.
  let warning: String?

  init(_ row: String) throws {
    guard let parts = row.firstMatch(of: /^ +(\w+) (.*?) ?=> (.+?)(?: ! (\w+))?$/),
      let kind = Kind(rawValue: String(parts.1))
    else { throw MappingFeed.failure(row) }
    self.kind = kind
    given = parts.2.split(separator: " ; ").map(String.init)
    (wanted, warning) = (String(parts.3), parts.4.map(String.init))
  }

  /// Of a bad row: code, reason, column and value.
  var reject: [String] { wanted.split(separator: " ", maxSplits: 3).map(String.init) }

  /// The source value where it is a plain SQL text.
  func text(_ index: Int = 0) -> String? {
    guard given.indices.contains(index), given[index].hasPrefix("'") else { return nil }
    return given[index].trimmingCharacters(in: ["'"])
  }

  var isNull: [Bool] { given.map { $0 == "null" } }
}
