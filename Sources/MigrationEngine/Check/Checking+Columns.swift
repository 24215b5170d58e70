import MigrationPlan
import MigrationRows

/// Columns: they are there on both sides, types convert, what must not be null is fed.
extension Checking {
  mutating func sourceColumns(_ feed: Feed, _ table: PostgresTable) {
    let names = table.columns.map(\.name)
    for column in feed.columns {
      for name in column.rule.sourceColumns.sorted() where table[name] == nil {
        error(
          column.place, "\(feed.from) has no column \(name)",
          Self.part(name, of: table)
            ?? Self.hint(name, names, "its columns are \(names.joined(separator: ", "))"))
      }
    }
  }

  /// How a part of a JSON column is read; nil if a name means none.
  private static func part(_ name: String, of table: PostgresTable) -> String? {
    guard let keys = DottedName.path(name), let column = table[keys[0]],
      let form = WireForm(column.type), [.json, .jsonb, .text].contains(form)
    else { return nil }
    let path = keys.dropFirst().joined(separator: ".")
    return "for a part of a column write { from: \"\(column.name)\", path: \"\(path)\" }"
  }

  mutating func columns(_ feed: Feed, _ read: PostgresTable?, _ live: PostgresTable?) {
    let columns = read.map { table in
      Dictionary(table.columns.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
    for column in feed.columns {
      var typing = RuleTyping(source: columns, target: target, place: column.place)
      let yield = typing.yield(column.rule)
      faults += typing.faults
      for reference in column.rule.references { self.reference(reference, column) }
      if let live { self.column(column, yield, in: live, read) }
    }
  }

  private mutating func column(
    _ rule: ColumnRule, _ yield: RuleYield, in live: PostgresTable, _ read: PostgresTable?
  ) {
    let names = live.columns.map(\.name)
    guard let column = live[rule.column] else {
      let remedy = "its columns are \(names.joined(separator: ", "))"
      error(
        rule.place, "\(live.name) has no column \(rule.column)",
        Self.hint(rule.column, names, remedy))
      return
    }
    if column.isGenerated {
      error(
        rule.place, "\(live.name).\(column.name) is computed by the server and cannot be written",
        "remove it from the plan")
      return
    }
    guard !column.type.isForServerAlone else {
      error(
        rule.place,
        "\(live.name).\(column.name) is \(column.type.name), which only the server creates",
        "remove it from the plan")
      return
    }
    types(yield, column, rule, read)
    composites(column, rule, read)
    money(column, rule, read)
    if yield.isNullable && column.isNotNull {
      warning(
        rule.place, "\(live.name).\(column.name) must not be null, and some rows may have no value",
        "such rows are quarantined; confirm this with required: true, or give a default")
    }
  }

  private mutating func types(
    _ yield: RuleYield, _ column: PostgresColumn, _ rule: ColumnRule, _ read: PostgresTable?
  ) {
    let wanted = ValueSort(column.type)
    if isPassedOn(rule.rule, to: column, read) { return }
    for sort in yield.sorts.sorted(by: { $0.words < $1.words })
    where !ConversionTable.converts(sort, to: wanted) {
      error(
        rule.place, "\(column.name) is \(column.type.name), which \(sort.words) cannot become",
        ConversionTable.remedy(sort, to: wanted))
    }
    for constant in yield.constants {
      guard let problem = ConstantCheck.problem(constant, column.type) else { continue }
      error(
        rule.place, "\(column.name) is \(column.type.name), and \(problem.what)", problem.remedy)
    }
  }

  /// Whether a value goes unchanged from a column of a type into one of the same type.
  private func isPassedOn(_ rule: Rule, to column: PostgresColumn, _ read: PostgresTable?) -> Bool {
    guard case .source(let names) = rule, names.count == 1, let from = read?[names[0]]?.type else {
      return false
    }
    // Beyond the built-in types the same number means different types in two databases.
    return from.baseOID == column.type.baseOID && from.baseOID < 16_384 && from.hasBinaryForm
  }

  /// Blanks at the end of a `bpchar` without a length are no padding, and go with it if they can.
  private func dropsBlanks(
    _ rule: ColumnRule, _ column: PostgresColumn, _ feed: Feed, _ live: PostgresTable
  ) -> Bool {
    guard rule.rule.sourceColumns.contains(column.name), !feed.keepsBlanks(of: column, into: live),
      let form = live[rule.column].flatMap({ WireForm($0.type) })
    else { return false }
    return form == .text || form == .json || form == .jsonb
      || live[rule.column]?.type.isBlankKeeping == true
  }

  mutating func droppedBlanks(_ feed: Feed, _ read: PostgresTable, _ live: PostgresTable) {
    for column in read.columns where column.type.isBlankKeeping {
      for rule in feed.columns where dropsBlanks(rule, column, feed, live) {
        warning(
          rule.place,
          "\(feed.from).\(column.name) is bpchar without a length; trailing blanks of its values do not "
            + "reach \(live.name).\(rule.column)",
          "to keep them, only copy the column, to columns of type text or bpchar"
        )
      }
    }
  }

  /// Every column that must have a value gets one.
  mutating func unfed(_ feed: Feed, of table: TablePlan, _ live: PostgresTable) {
    let fed = Set(feed.columns.map(\.column))
    let missing = live.columns.filter {
      $0.isNotNull && !$0.hasDefault && !$0.isGenerated && !fed.contains($0.name)
    }
    for column in missing {
      error(
        feed.place, "\(live.name).\(column.name) must not be null, and no rule feeds it",
        "add a rule for it: columns: { \(column.name): … }")
    }
  }

  mutating func checks(_ table: TablePlan, _ feed: Feed, _ live: PostgresTable) {
    for check in table.checks {
      let types = check.columns.compactMap { live[$0]?.type }.map(ValueSort.init)
      guard types.count == check.columns.count, let left = types.first else { continue }
      let right = types.count > 1 ? types[1] : .decimal
      let areComparable =
        left == right || (left.isNumber && right.isNumber)
        || [left, right].allSatisfy { [.date, .timestamp, .timestamptz].contains($0) }
      if !areComparable {
        error(
          check.place, "the check \"\(check.name)\" compares \(left.words) with \(right.words)",
          "compare values of the same kind")
      }
    }
  }
}

/// Source columns that no rule reads.
extension Checking {
  /// Names in `ignore` that no source of the table has, or that are read all the same.
  mutating func ignored(_ table: TablePlan) {
    guard let source else { return }
    let tables = table.feeds.compactMap { source[$0.from] }
    guard tables.count == table.feeds.count else { return }
    for feed in table.feeds {
      let read = Set(feed.columns.flatMap(\.rule.sourceColumns))
      for name in feed.ignored where tables.allSatisfy({ $0[name] == nil }) {
        let names = tables.flatMap { $0.columns.map(\.name) }
        warning(
          feed.place, "ignore names \(name), which \(feed.from) does not have",
          Self.hint(name, names, "remove it"))
      }
      for name in feed.ignored where read.contains(name) {
        warning(feed.place, "ignore names \(name), which a rule reads", "remove it from ignore")
      }
    }
  }

  /// Columns of the source that no rule of any feed reads, and no `ignore` names.
  mutating func leftBehind(_ chosen: [TablePlan]) {
    guard let source else { return }
    let feeds = plan.tables.flatMap(\.feeds)
    let names = Set(chosen.flatMap(\.feeds).map(\.from))
    for (name, readers) in Dictionary(grouping: feeds, by: \.from) where names.contains(name) {
      guard let table = source[name], let first = readers.first else { continue }
      let known = Set(readers.flatMap { $0.columns.flatMap(\.rule.sourceColumns) + $0.ignored })
      let left = table.columns.map(\.name).filter { !known.contains($0) }
      guard !left.isEmpty else { continue }
      let names = left.joined(separator: ", ")
      error(
        first.place,
        left.count == 1
          ? "\(name) has a column that no rule reads: \(names)"
          : "\(name) has \(left.count) columns that no rule reads: \(names)",
        "feed a column from it, or ignore it: ignore: ["
          + left.map { "\"\($0)\"" }.joined(separator: ", ") + "]")
    }
  }
}
