import MigrationBasics

/// Proves that a plan makes sense in itself: what its parts say of each other.
enum PlanCoherence {
  static func check(
    _ tables: [TablePlan], mentions: [(table: String, place: PlanPlace)]
  ) -> [PlanFault] {
    unknownTables(tables, mentions) + sharedCommands(tables) + phases(tables) + unfed(tables)
      + circles(tables) + entities(tables)
  }

  private static func unknownTables(
    _ tables: [TablePlan], _ mentions: [(table: String, place: PlanPlace)]
  ) -> [PlanFault] {
    let names = tables.map(\.name)
    return mentions.filter { !names.contains($0.table) }.map { mention in
      PlanFault(
        at: mention.place, "table \"\(mention.table)\" is not in the plan",
        remedy: nearest(to: mention.table, in: names).map { "did you mean \"\($0)\"?" }
          ?? "add the table, or copy the value without a reference")
    }
  }

  private static func sharedCommands(_ tables: [TablePlan]) -> [PlanFault] {
    var owners: [String: String] = [:]
    return tables.compactMap { table in
      guard let owner = owners.updateValue(table.name, forKey: table.command) else { return nil }
      return PlanFault(
        at: table.place, "\(table.name) and \(owner) have the same command: \(table.command)",
        remedy: "give one of them another command: \"\(table.command)-2\"")
    }
  }

  /// A table of an early phase can't look up rows of a later one.
  private static func phases(_ tables: [TablePlan]) -> [PlanFault] {
    let phases = Dictionary(tables.map { ($0.name, $0.phase) }, uniquingKeysWith: { a, _ in a })
    return tables.flatMap { table in
      table.referencedTables.sorted().compactMap { name in
        guard let phase = phases[name], phase > table.phase else { return nil }
        return PlanFault(
          at: table.place,
          "\(table.name) in phase \(table.phase) looks up \(name) in phase \(phase)",
          remedy: "move \(table.name) to phase \(phase) or later, or \(name) to an earlier one")
      }
    }
  }

  /// Unique sets and checks are about columns that the plan feeds.
  private static func unfed(_ tables: [TablePlan]) -> [PlanFault] {
    tables.flatMap { table in
      table.feeds.flatMap { feed in
        let fed = feed.columns.map(\.column)
        return table.checks.flatMap { check in
          check.columns.filter { !fed.contains($0) }.map { column in
            PlanFault(
              at: check.place,
              "the check \"\(check.name)\" uses \(column), "
                + "which the feed \(feed.from) does not fill",
              remedy: nearest(to: column, in: fed).map { "did you mean \($0)?" }
                ?? "feed the column, or change the check")
          }
        }
      } + table.unique.flatMap { unfedUnique($0, of: table) }
    }
  }

  private static func unfedUnique(_ set: [String], of table: TablePlan) -> [PlanFault] {
    let fed = table.feeds.flatMap { $0.columns.map(\.column) }
    return set.filter { !fed.contains($0) }.map { column in
      PlanFault(
        at: table.place, "unique names \(column), which no feed of \(table.name) fills",
        remedy: nearest(to: column, in: fed).map { "did you mean \($0)?" }
          ?? "feed the column, or remove it from unique")
    }
  }
}

/// References in circles, and to ids that no rule makes.
extension PlanCoherence {
  /// Rows of the table itself, or of one that is loaded with it, are not there yet when they are
  /// looked for: only an id can be known beforehand.
  private static func circles(_ tables: [TablePlan]) -> [PlanFault] {
    let cycles = PlanOrder(tables).cycles
    return columns(tables).flatMap { table, column in
      column.rule.references.filter { reference in
        reference.table == table.name
          || cycles.contains { $0.contains(table.name) && $0.contains(reference.table) }
      }.filter { reference in
        reference.ways.count != 1 || reference.ways[0].column != reference.result
      }.map { reference in
        let own = reference.table == table.name
        return PlanFault(
          at: column.place,
          own
            ? "\(table.name) cannot look up its own rows while they are loaded"
            : "\(table.name) and \(reference.table) look each other up; neither can be loaded first",
          remedy: "refer by the key alone: by: { \(reference.result): { id: "
            + "\"\(reference.table)\", from: \"\(column.column)\" } }")
      }
    }
  }

  /// Ids of a legacy system become the same uuid only if both sides name the same entity.
  private static func entities(_ tables: [TablePlan]) -> [PlanFault] {
    let makers = Dictionary(tables.map { ($0.name, $0) }, uniquingKeysWith: { a, _ in a })
    return columns(tables).flatMap { table, column in
      column.rule.references.flatMap { reference -> [PlanFault] in
        guard let target = makers[reference.table] else { return [] }
        return reference.ways.compactMap { entityFault($0, in: target, column) }
      }
    }
  }

  private static func entityFault(
    _ way: Reference.Way, in target: TablePlan, _ column: ColumnRule
  ) -> PlanFault? {
    let made = target.feeds.flatMap(\.columns).filter { $0.column == way.column }
      .compactMap(\.rule.entity)
    if let entity = way.value.entity, !made.contains(entity) {
      let known = Set(made).sorted().map { "\"\($0)\"" }.joined(separator: " and ")
      return PlanFault(
        at: column.place,
        "no row of \(target.name) gets its \(way.column) from the entity \"\(entity)\"",
        remedy: made.isEmpty
          ? "\(target.name) makes no ids in this column: look up the value itself"
          : "\(target.name) makes ids of \(known)")
    }
    guard way.value.entity == nil, let entity = made.first else { return nil }
    return PlanFault(
      at: column.place,
      "\(target.name).\(way.column) is made by id: \"\(entity)\", and is looked up by the raw value",
      remedy: "look up { id: \"\(entity)\", from: … }, which also finds ids that are not uuids")
  }

  private static func columns(_ tables: [TablePlan]) -> [(TablePlan, ColumnRule)] {
    tables.flatMap { table in table.feeds.flatMap(\.columns).map { (table, $0) } }
  }
}

extension RowCheck {
  /// The columns that the check compares.
  package var columns: [String] {
    if case .column(let right) = right { return [left, right] }
    return [left]
  }
}
