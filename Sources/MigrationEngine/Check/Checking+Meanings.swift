import MigrationPlan
import Postgres

/// Values that would arrive as they are, and mean something else in the target.
extension Checking {
  /// Fields of composite types are distinguished by their places.
  mutating func composites(
    _ column: PostgresColumn, _ rule: ColumnRule, _ read: PostgresTable?
  ) {
    guard !column.type.fields.isEmpty, let read else { return }
    for name in rule.rule.sourceColumns.sorted() {
      guard let from = read[name]?.type, !from.fields.isEmpty, from.fields != column.type.fields
      else { continue }
      error(
        rule.place,
        "\(column.name) and the source's \(name) have different fields, and values are copied by position: "
          + "\(column.type.name) (\(column.type.fields.joined(separator: ", "))), and in the source "
          + "\(from.name) (\(from.fields.joined(separator: ", ")))",
        "define the types on both sides with the same fields in the same order")
    }
  }

  /// Amounts of money are whole numbers of the smallest coin, of which the databases have their own ideas.
  mutating func money(_ column: PostgresColumn, _ rule: ColumnRule, _ read: PostgresTable?) {
    let names = rule.rule.sourceColumns.sorted().filter { read?[$0]?.type.hasMoney == true }
    let from = names.isEmpty ? MoneyDigits.ofSessions : sourceMoneyDigits
    let to = column.type.hasMoney ? targetMoneyDigits : MoneyDigits.ofSessions
    let isKnown = from == MoneyDigits.ofSessions && to == MoneyDigits.ofSessions
    if isKnown || (from == to && isUnchangedMoney(rule.rule, column, read)) { return }
    let sides =
      (names.isEmpty
        ? [] : ["\(names.joined(separator: ", ")) has \(from) in the source's database"])
      + (column.type.hasMoney ? ["\(column.name) has \(to) in the target's"] : [])
    error(
      rule.place,
      "amounts of money would change by powers of ten; decimal places, by lc_monetary: "
        + sides.joined(separator: ", "),
      "read a numeric from the source, which has no currency: a view with \(names.first ?? "the column")::numeric, "
        + "and use a column of type numeric in the target")
  }

  /// Whether the numbers of coins go from one column into another of its type.
  private func isUnchangedMoney(
    _ rule: Rule, _ column: PostgresColumn, _ read: PostgresTable?
  ) -> Bool {
    guard case .source(let names) = rule, names.count == 1, let from = read?[names[0]]?.type else {
      return false
    }
    // The same type has another number in another database.
    return from.hasMoney && column.type.hasMoney && from.baseName == column.type.baseName
      && from.fields == column.type.fields
  }
}

extension LivePlanCheck {
  /// Objects that are not there any more have no name, and inside of arrays and composites no row tells that.
  package func namelessObjects(_ source: SourceCatalog) -> [PlanFault] {
    source.namelessObjects.flatMap { found in
      rules(reading: found.column, of: found.table).map { rule in
        PlanFault(
          .error, at: rule.place,
          "\(found.table).\(found.column) holds the number of an object that is not in the source any more "
            + "(\(found.number)), and the target would take it for another object",
          remedy: "correct the value in the source, or leave the column behind: ignore")
      }
    }
  }

  private func rules(reading column: String, of table: String) -> [ColumnRule] {
    plan.tables.filter { tables?.contains($0.name) ?? true }.flatMap(\.feeds)
      .filter { $0.from == table }.flatMap(\.columns)
      .filter { $0.rule.sourceColumns.contains(column) }
  }

  /// Numbers of large objects mean nothing without the objects, which are in no table.
  package func largeObjects(_ source: SourceCatalog, _ target: Connection) throws -> [PlanFault] {
    try source.largeObjects.flatMap { found -> [PlanFault] in
      let rules = rules(reading: found.column, of: found.table)
      guard !rules.isEmpty else { return [] }
      let missing = try found.missing(in: target)
      let what = "\(found.table).\(found.column) holds ids of large objects"
      return rules.map { rule in
        guard let first = missing.first else {
          return PlanFault(
            .warning, at: rule.place,
            "\(what); the target has objects with these ids, and no check compares them",
            remedy: "check that they are the objects of the source")
        }
        return PlanFault(
          .error, at: rule.place,
          "\(what), which are not migrated and not in the target (\(first) is the first)",
          remedy:
            "copy them first, with their ids (pg_dump --large-objects and pg_restore), feed a bytea from a "
            + "view with lo_get(\(found.column)), or ignore the column: ignore")
      }
    }
  }
}
