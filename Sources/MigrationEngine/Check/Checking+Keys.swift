import MigrationPlan

/// Keys, unique sets and references.
extension Checking {
  mutating func key(_ feed: Feed, _ table: PostgresTable) {
    let names = table.columns.map(\.name)
    guard !feed.key.isEmpty else {
      if !table.primaryKey.isEmpty {
        let key = table.primaryKey.joined(separator: ", ")
        warning(
          feed.place, "\(feed.from) has a primary key (\(key)) that the plan does not name",
          "name it: key: [\(table.primaryKey.map { "\"\($0)\"" }.joined(separator: ", "))]")
      }
      return
    }
    let missing = feed.key.filter { table[$0] == nil }
    for name in missing {
      error(
        feed.place, "the key \(name) is not a column of \(feed.from)",
        Self.hint(name, names, "name the columns that identify a row"))
    }
    guard missing.isEmpty else { return }
    keyOrder(feed, table)
    keyUniqueness(feed, table)
  }

  private mutating func keyOrder(_ feed: Feed, _ table: PostgresTable) {
    for name in feed.key {
      guard let type = table[name]?.type, type.baseOID == 114 else { continue }
      error(
        feed.place, "the key \(name) is \(type.name), which has no order",
        "name columns that can be sorted")
    }
  }

  private mutating func keyUniqueness(_ feed: Feed, _ table: PostgresTable) {
    let key = Set(feed.key)
    let sets = [table.primaryKey].filter { !$0.isEmpty } + table.unique
    let isPrimary = !table.primaryKey.isEmpty && key.isSuperset(of: table.primaryKey)
    guard sets.contains(where: { key.isSuperset(of: $0) }) else {
      error(
        feed.place, "the key (\(feed.key.joined(separator: ", "))) is not unique in \(feed.from)",
        sets.isEmpty
          ? "the table has no unique key: write key: []"
          : "unique columns: "
            + sets.map { "(\($0.joined(separator: ", ")))" }.joined(separator: ", "))
      return
    }
    let nullable = feed.key.filter { table[$0]?.isNotNull == false }
    if !isPrimary, !nullable.isEmpty {
      warning(
        feed.place,
        "the key \(nullable.joined(separator: ", ")) may be null, and nulls are not unique",
        "rows without a key cannot be identified; use a key that is never null")
    }
  }

  mutating func uniqueSets(_ table: TablePlan, _ live: PostgresTable) {
    let enforced = ([live.primaryKey] + live.unique).map(Set.init)
    for set in table.unique {
      for column in set where live[column] == nil {
        error(
          table.place, "unique names \(column), which \(live.name) does not have",
          Self.hint(column, live.columns.map(\.name), "remove it from unique"))
      }
      guard !enforced.contains(Set(set)), set.allSatisfy({ live[$0] != nil }) else { continue }
      if let column = set.first(where: { live[$0]?.isEqualByBytes == false }) {
        error(
          table.place,
          "no unique constraint of \(live.name) covers (\(set.joined(separator: ", "))), and only the server "
            + "knows which values of \(column) are equal (\(Self.kind(of: column, live)))",
          "add a unique constraint, or remove the columns from unique")
      } else {
        warning(
          table.place,
          "no unique constraint of \(live.name) covers (\(set.joined(separator: ", ")))",
          "add a unique constraint")
      }
    }
    let fed = Set(table.feeds.flatMap { $0.columns.map(\.column) })
    for set in live.unique
    where fed.isSuperset(of: set) && !table.unique.contains(where: { Set($0) == Set(set) }) {
      warning(
        table.place,
        "(\(set.joined(separator: ", "))) is unique in \(live.name), but not listed in unique",
        "add it to unique to find duplicates before the server rejects them")
    }
  }

  private static func kind(of name: String, _ table: PostgresTable) -> String {
    table[name]?.typeWithCollation ?? ""
  }

  mutating func reference(_ reference: Reference, _ rule: ColumnRule) {
    // A table that is not there is reported where it is itself.
    guard let table = target[reference.table] else { return }
    let names = table.columns.map(\.name)
    for column in Set(reference.ways.map(\.column) + [reference.result]).sorted()
    where table[column] == nil {
      error(
        rule.place, "\(table.name) has no column \(column) to look up",
        Self.hint(column, names, "its columns are \(names.joined(separator: ", "))"))
    }
    let unique = [table.primaryKey] + table.unique
    for way in reference.ways where table[way.column] != nil && !unique.contains([way.column]) {
      error(
        rule.place,
        "\(table.name).\(way.column) is not unique: a look-up could find several rows",
        "look up a column with a unique constraint")
    }
    if let result = table[reference.result],
      ![.uuid, .integer].contains(ValueSort(result.type))
    {
      error(
        rule.place, "\(table.name).\(reference.result) is \(result.type.name)",
        "look-ups can yield uuids and whole numbers")
    }
  }

  /// Foreign keys of the target that the plan does not look up: orphans show only on the server.
  mutating func foreignKeys(_ table: TablePlan, _ live: PostgresTable) {
    let order = plan.tables.map(\.name)
    for key in live.foreignKeys where key.columns.count == 1 {
      for rule in table.feeds.flatMap(\.columns) where rule.column == key.columns[0] {
        let looked = rule.rule.references.map(\.table)
        if case .constant = rule.rule { continue }
        guard !looked.contains(key.referencedTable) else { continue }
        let isLater =
          (order.firstIndex(of: key.referencedTable) ?? -1)
          > (order.firstIndex(of: table.name) ?? 0)
        let later = isLater ? ", and \(key.referencedTable) is loaded later" : ""
        warning(
          rule.place,
          "\(rule.column) has a foreign key to \(key.referencedTable), and its rule is no reference\(later)",
          "use reference: \"\(key.referencedTable)\" to find orphans before the load")
      }
    }
  }

  /// Tables that refer to each other can only be loaded while foreign keys are off.
  mutating func circles(_ chosen: [TablePlan]) {
    let names = Set(chosen.map(\.name))
    for cycle in PlanOrder(plan.tables).cycles where !names.isDisjoint(with: cycle) {
      circle(cycle)
    }
    for table in chosen where table.loading.setAside == .never { copiedOwnKeys(table) }
  }

  /// Foreign keys of a table to itself that are copied and not looked up: those stay if the plan says so.
  private mutating func copiedOwnKeys(_ table: TablePlan) {
    guard let live = target[table.name], !table.referencedTables.contains(table.name) else {
      return
    }
    let fed = Set(table.feeds.flatMap(\.columns).map(\.column))
    for key in live.foreignKeys
    where key.referencedTable == table.name && !fed.isDisjoint(with: key.columns) {
      warning(
        table.place,
        "\(table.name) refers to itself (\(key.name)), and its foreign keys are not suspended: rows "
          + "whose referenced row is in a later chunk are quarantined",
        "write loading: { setAside: \"auto\" }")
    }
  }

  private mutating func circle(_ names: [String]) {
    let tables = plan.tables.filter { names.contains($0.name) }
    guard let first = tables.first else { return }
    let listed = names.joined(separator: ", ")
    warning(
      first.place, "\(listed) refer to each other and are loaded together",
      "their foreign keys are suspended for the load and checked after it, "
        + "whatever loading.setAside is")
  }
}
