import MigrationBasics
import MigrationPlan

/// Which paths of a source a plan's rules read, and which it leaves behind on purpose.
struct ReadPaths {
  /// A path that one column's rule, or a feed's list of elements, reads.
  struct Use {
    /// The keys from the outside in; a name with dots may be one key or several.
    let paths: [[String]]
    let table: String
    /// The target column; nil for the array whose elements a feed takes one by one.
    let column: String?
    let place: PlanPlace
    /// Whether it only says which elements are rows.
    var isEach = false

    /// The path as people write it.
    var text: String { paths[0].joined(separator: ".") }
  }

  private(set) var uses: [Use] = []
  private(set) var ignored: [[String]] = []
  /// The paths to arrays whose elements feeds take one by one.
  private var eachPaths: [[String]] = []

  /// Collects what all feeds of a plan do with one collection or table.
  init(_ plan: Plan, source: String) {
    for table in plan.tables {
      for feed in table.feeds where feed.from == source { add(feed, of: table) }
    }
  }

  private mutating func add(_ feed: Feed, of table: TablePlan) {
    ignored += feed.ignored.flatMap(Self.readings)
    eachPaths += [feed.each].compactMap { $0 }
    uses += feed.key.map {
      Use(paths: Self.readings($0), table: table.name, column: nil, place: feed.place)
    }
    if let each = feed.each {
      uses.append(
        Use(paths: [each], table: table.name, column: nil, place: feed.place, isEach: true))
    }
    for column in feed.columns {
      uses += Self.readings(of: column.rule, each: feed.each).map {
        Use(paths: $0, table: table.name, column: column.column, place: column.place)
      }
    }
  }

  /// The paths that a rule reads, as far as they are known: a part of a field is reported as such.
  static func paths(of rule: Rule, each: [String]? = nil) -> [[String]] {
    readings(of: rule, each: each).map { $0[0] }
  }

  /// The paths of a rule, each with the other way to read it, if a name has dots.
  static func readings(of rule: Rule, each: [String]? = nil) -> [[[String]]] {
    switch rule {
    case .source(let names): names.map(readings)
    case .part(.source(let names), let path): names.map { readings($0).map { $0 + path } }
    case .element: [[each ?? []]]
    case .part(.element, let path): [[(each ?? []) + path]]
    default: rule.children.flatMap { readings(of: $0, each: each) }
    }
  }

  /// The keys that a name represents: with dots a path, or a field of that very name.
  static func readings(_ name: String) -> [[String]] {
    [DottedName.path(name), [name]].compactMap { $0 }
  }

  /// Whether the value of a field goes somewhere or is left behind on purpose; that its elements are
  /// gone through does not bring them anywhere.
  func covers(_ field: FieldProfile) -> Bool {
    read.contains { field.isReached(by: $0) != .below && field.isReached(by: $0) != nil }
  }

  /// Whether a rule looks into what is in a field, so that its parts are judged one by one.
  func looksInto(_ field: FieldProfile) -> Bool {
    all.contains { field.isReached(by: $0) == .below }
  }

  /// Whether the way to elements that are rows leads through a field.
  func leadsThrough(_ field: FieldProfile) -> Bool {
    eachPaths.contains { field.isReached(by: $0) == .below }
  }

  private var all: [[String]] { uses.flatMap(\.paths) + ignored }
  /// The paths of values that a rule or a key reads.
  private var read: [[String]] { uses.filter { !$0.isEach }.flatMap(\.paths) + ignored }
}

extension FieldProfile {
  /// How a rule's path and a field meet.
  enum Meeting: Equatable {
    /// The path ends at the field, or at the elements of the array that it is.
    case exactly
    /// The path ends above the field.
    case above
    /// The path continues below the field.
    case below
  }

  /// Follows a path to the field: a number takes an element of an array, and other keys are looked for
  /// in all of them. Nil if the path leads elsewhere.
  func isReached(by path: [String]) -> Meeting? {
    var rest = path[...]
    for step in steps {
      guard let key = rest.first else { return .above }
      switch step {
      case .name(let name):
        guard name == key else { return nil }
        rest = rest.dropFirst()
      case .elements:
        if !key.isEmpty, key.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
          rest = rest.dropFirst()
        }
      }
    }
    return rest.isEmpty ? .exactly : .below
  }

  /// The field as a rule names it: a path, or a list of keys if one has dots; nil for what is in
  /// arrays, which no single rule reads.
  var notation: String? {
    let keys = steps.compactMap { step in if case .name(let key) = step { key } else { nil } }
    guard keys.count == steps.count else { return nil }
    return keys.contains { $0.contains(".") } && keys.count > 1
      ? JSONValue.array(keys.map(JSONValue.text)).compact : keys.joined(separator: ".")
  }
}
