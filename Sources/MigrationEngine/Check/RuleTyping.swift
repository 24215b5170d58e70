import MigrationBasics
import MigrationPlan

/// What a rule yields: the sorts that its values may have, and its constants.
struct RuleYield {
  var sorts: Set<ValueSort> = []
  var constants: [JSONValue] = []
  /// Whether the rule may yield null for a row that is not quarantined.
  var isNullable = false

  func union(_ other: RuleYield) -> RuleYield {
    RuleYield(
      sorts: sorts.union(other.sorts), constants: constants + other.constants,
      isNullable: isNullable || other.isNullable)
  }
}

/// Follows the types of values through a column's rule, and notes what can't work.
struct RuleTyping {
  /// The source's columns; nil if they can't be known, as of documents.
  let source: [String: PostgresColumn]?
  /// The tables of the target by name.
  let target: [String: PostgresTable]
  let place: PlanPlace
  private(set) var faults: [PlanFault] = []

  init(
    source: [String: PostgresColumn]?, target: [String: PostgresTable], place: PlanPlace
  ) {
    (self.source, self.target, self.place) = (source, target, place)
  }

  mutating func fault(_ what: String, _ remedy: String) {
    faults.append(PlanFault(at: place, what, remedy: remedy))
  }

  mutating func yield(_ rule: Rule) -> RuleYield {
    switch rule {
    case .source(let columns): return sourceYield(columns)
    case .constant(.null): return RuleYield(isNullable: true)
    case .constant(let value): return RuleYield(constants: [value])
    case .runTime: return RuleYield(sorts: [.timestamptz])
    case .element: return RuleYield(sorts: [.dynamic], isNullable: true)
    case .object(let members):
      for member in members { _ = yield(member.rule) }
      return RuleYield(sorts: [.json])
    case .array(let rules):
      for rule in rules { _ = yield(rule) }
      return RuleYield(sorts: [.json])
    case .concatenation(let rules, _): return concatenation(rules)
    case .part(let rule, let path): return part(rule, path)
    case .identity(let entity, let rule): return identity(rule, entity)
    case .reference(let reference): return self.reference(reference)
    case .conditional(let condition, let then, let otherwise):
      for rule in condition.rules { _ = yield(rule) }
      return yield(then).union(yield(otherwise))
    case .step(let rule, let step): return stepped(yield(rule), step)
    }
  }

  private func sourceYield(_ names: [String]) -> RuleYield {
    // Every document has an `_id`; of its other fields nothing is known.
    guard let source else {
      return RuleYield(sorts: [.dynamic], isNullable: !names.contains("_id"))
    }
    // Columns that are not there are reported once for the feed.
    let columns = names.compactMap { source[$0] }
    return RuleYield(
      sorts: Set(columns.map { ValueSort.read($0.type) }),
      isNullable: columns.allSatisfy { !$0.isNotNull })
  }

  private mutating func concatenation(_ rules: [Rule]) -> RuleYield {
    let isNullable = rules.map { yield($0).isNullable }.allSatisfy { $0 }
    return RuleYield(sorts: [.text], isNullable: isNullable)
  }

  private mutating func part(_ rule: Rule, _ path: [String]) -> RuleYield {
    for sort in yield(rule).sorts where ![.json, .dynamic].contains(sort) {
      fault(
        "path \"\(path.joined(separator: "."))\" leads into \(sort.words), not into JSON",
        "remove the path, or read a column of type json")
    }
    return RuleYield(sorts: [.dynamic], isNullable: true)
  }

  private mutating func identity(_ rule: Rule, _ entity: String) -> RuleYield {
    let inner = yield(rule)
    for sort in inner.sorts where ![.uuid, .integer, .text, .dynamic].contains(sort) {
      fault(
        "id: \"\(entity)\" cannot make a uuid from \(sort.words)",
        "make ids from a uuid, a whole number or text")
    }
    return RuleYield(sorts: [.uuid], isNullable: inner.isNullable)
  }

  private mutating func reference(_ reference: Reference) -> RuleYield {
    let ways = reference.ways.map { yield($0.value) }
    let isNullable = reference.orphan == .null || ways.allSatisfy(\.isNullable)
    guard let table = target[reference.table] else { return RuleYield(isNullable: isNullable) }
    for (way, value) in zip(reference.ways, ways) {
      noteWay(way, value, in: table)
    }
    guard let result = table[reference.result] else { return RuleYield(isNullable: isNullable) }
    return RuleYield(sorts: [ValueSort(result.type)], isNullable: isNullable)
  }

  /// A look-up compares values, so that both sides must be of the same sort.
  private mutating func noteWay(_ way: Reference.Way, _ value: RuleYield, in table: PostgresTable) {
    guard let column = table[way.column] else { return }
    let wanted = ValueSort(column.type)
    for sort in value.sorts where !ConversionTable.converts(sort, to: wanted) {
      fault(
        "\(table.name).\(way.column) is \(wanted.words), and is looked up by \(sort.words)",
        ConversionTable.remedy(sort, to: wanted))
    }
  }
}
