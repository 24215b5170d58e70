/// Which paths of a source a plan's rules read, and which it leaves behind on purpose.
struct ReadPaths {
  /// A path that one column's rule, or a feed's list of elements, reads.
  struct Use {
    let path: [String]
    let table: String
    /// The target column; nil for the array whose elements a feed takes one by one.
    let column: String?
    let place: PlanPlace
  }

  private(set) var uses: [Use] = []
  private(set) var ignored: [[String]] = []

  /// Collects what all feeds of a plan do with one collection or table.
  init(_ plan: Plan, source: String) {
    for table in plan.tables {
      for feed in table.feeds where feed.from == source { add(feed, of: table) }
    }
  }

  private mutating func add(_ feed: Feed, of table: TablePlan) {
    ignored += feed.ignored.map(Self.split)
    let own = feed.key.map(Self.split) + [feed.each].compactMap { $0 }
    uses += own.map { Use(path: $0, table: table.name, column: nil, place: feed.place) }
    for column in feed.columns {
      for path in Self.paths(of: column.rule, each: feed.each) {
        uses.append(
          Use(path: path, table: table.name, column: column.column, place: column.place))
      }
    }
  }

  /// The paths that a rule reads, as far as they are known: a part of a field is told as such.
  static func paths(of rule: Rule, each: [String]? = nil) -> [[String]] {
    switch rule {
    case .source(let names): names.map(split)
    case .part(.source(let names), let path): names.map { split($0) + path }
    case .element: [each ?? []]
    case .part(.element, let path): [(each ?? []) + path]
    default: rule.children.flatMap { paths(of: $0, each: each) }
    }
  }

  /// Whether the value under a path goes somewhere or is left behind on purpose.
  func covers(_ path: [String]) -> Bool {
    ignored.contains { path.starts(with: $0) } || uses.contains { path.starts(with: $0.path) }
  }

  /// Whether a rule looks into what stands under a path, so that its parts are judged one by one.
  func looksInto(_ path: [String]) -> Bool {
    (uses.map(\.path) + ignored).contains { $0.count > path.count && $0.starts(with: path) }
  }

  static func split(_ name: String) -> [String] { name.split(separator: ".").map(String.init) }
}

extension FieldProfile {
  /// The path in its parts; elements of an array are told by the array's own name.
  var parts: [String] {
    ReadPaths.split(path).map { part in
      var part = Substring(part)
      while part.hasSuffix("[]") { part = part.dropLast(2) }
      return String(part)
    }
  }
}
