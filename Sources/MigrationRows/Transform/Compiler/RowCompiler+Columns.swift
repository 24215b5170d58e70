import MigrationBasics
import MigrationPlan

extension RowCompiler {
  mutating func compile(_ rule: ColumnRule) {
    column = rule
    defer {
      column = nil
      columnType = nil
    }
    guard let type = targetType(rule) else { return }
    columnType = type
    let first = ops.count
    let place = compile(rule.rule)
    watch(place, rule.rule, .value([]))
    checkConversion(place, to: type, rule)
    explanation.ranges.append(first..<ops.count)
    explanation.sources.append(sources(of: rule.rule))
    explanation.types.append(target[rule.column]?.type.name ?? "")
    columns.append(
      TargetColumn(
        place: place, type: type, isNotNull: target[rule.column]?.isNotNull ?? false))
  }

  /// The source columns of a rule, in the order in which it names them.
  private func sources(of rule: Rule) -> [String] {
    var names: [String] = []
    rule.walk { rule in
      if case .source(let sources) = rule {
        names += sources.filter { !names.contains($0) }
      }
    }
    return names
  }

  private mutating func targetType(_ rule: ColumnRule) -> TargetType? {
    guard let column = target[rule.column] else {
      fault(
        "\(target.name) has no column \(rule.column)"
          + suggestion(for: rule.column, in: target.columns.map(\.name)), "correct the name")
      return nil
    }
    guard !column.isGenerated else {
      fault("the server computes this column", "remove it from the plan")
      return nil
    }
    guard feed.columns.filter({ $0.column == rule.column }).count == 1 else {
      fault("the column is filled twice", "keep one of the rules")
      return nil
    }
    var type = TargetType(column.type) ?? passedOn(rule) ?? TargetType(readByServer: column.type)
    if !column.type.ownLabels.isEmpty {
      type.labels = wordTable(column.type.ownLabels.enumerated().map { ($1, $0) })
    }
    return type
  }

  /// The type of a column that only passes the bytes of its source on.
  private func passedOn(_ rule: ColumnRule) -> TargetType? {
    guard case .source(let names) = rule.rule, names.count == 1,
      let place = sourcePlaces[names[0]], Int(place) < sourceForms.count,
      sourceForms[Int(place)] == .raw
    else { return nil }
    return TargetType(form: .raw)
  }

  /// Refuses what can't convert whatever the row says; what may is checked row by row.
  private mutating func checkConversion(_ place: Place, to type: TargetType, _ rule: ColumnRule) {
    let kind: SlotKind
    if Int(place) < sourceForms.count {
      kind = sourceForms[Int(place)].kind
    } else if slots[Int(place)].kind != .null {
      kind = slots[Int(place)].kind
    } else {
      return
    }
    guard !type.accepts(kind) else { return }
    fault(
      "a value of kind \(kind) cannot become \(target[rule.column]?.type.name ?? "")",
      "read another column, convert the value, or change the column's type")
  }

  mutating func compile(_ check: RowCheck) -> CompiledCheck? {
    let names = feed.columns.map(\.column)
    func place(_ name: String) -> Int32? {
      // A column that this feed does not fill is null, and null passes.
      names.firstIndex(of: name).map(Int32.init)
    }
    let constant: Place
    var right: Int32 = -1
    switch check.right {
    case .number(let text):
      guard let number = numeric(text) else {
        faults.append(
          PlanFault(
            at: check.place, "\(check.name): \(text) is not a number",
            remedy: "compare with a number or with another column"))
        return nil
      }
      constant = slot(number)
    case .column(let name):
      constant = slot()
      right = place(name) ?? -1
    }
    guard let left = place(check.left) else {
      return CompiledCheck(
        left: 0, right: -1, constant: slot(), comparison: check.comparison, policy: check.failure)
    }
    return CompiledCheck(
      left: left, right: right, constant: constant, comparison: check.comparison,
      policy: check.failure)
  }

  /// The sets of columns that must be unique and that this feed fills.
  func uniqueSets() -> [(names: [String], places: [Int])] {
    let names = feed.columns.map(\.column)
    var seen: Set<[String]> = []
    return ([target.primaryKey] + table.unique + target.unique).compactMap { set in
      let places = set.compactMap { names.firstIndex(of: $0) }
      guard !set.isEmpty, places.count == set.count, seen.insert(set).inserted else { return nil }
      return (set, places)
    }
  }
}
