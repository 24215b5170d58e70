import MigrationBasics
import MigrationEngine
import MigrationPlan
import MigrationRows
import Postgres

/// Finds the values of a PostgreSQL source that refer to rows which the source does not have.
struct DanglingSearch {
  let plan: Plan
  let connection: Connection
  /// The target's table; nil if it is not known.
  let target: PostgresTable?

  func findings(_ table: TablePlan, _ feed: Feed) throws -> [ProfileFinding] {
    var found: [ProfileFinding] = []
    for column in feed.columns {
      for reference in column.rule.references {
        found += [
          try pointless(reference, column, feed), try missing(reference, column, table, feed),
        ].compactMap { $0 }
      }
    }
    return found
  }

  /// Finds rows that must refer to something and name nothing.
  private func missing(
    _ reference: Reference, _ column: ColumnRule, _ table: TablePlan, _ feed: Feed
  ) throws -> ProfileFinding? {
    // The rules themselves were tried on those that go by the id alone.
    guard !reference.isByResultAlone, Self.isLookup(column.rule),
      target?[column.column]?.isNotNull == true
    else { return nil }
    var absences: [String] = []
    for way in reference.ways {
      guard let value = try SourceExpression.sql(way.value, of: "r") else { return nil }
      absences.append("\(value) IS NULL")
    }
    let found = try search(absences, showing: feed.key, feed)
    return found.map { count, examples in
      ProfileFinding(
        kind: .refused, severity: .error, source: feed.from, path: Self.paths(reference),
        what:
          "\(CountText.of(count, "row")) of \(feed.from) would be quarantined: \(table.name).\(column.column) "
          + Reason.missing.name,
        count: count, examples: examples, place: column.place, remedy: Reason.missing.hint)
    }
  }

  /// Whether a column gets what a look-up finds, and nothing in its place.
  private static func isLookup(_ rule: Rule) -> Bool {
    switch rule {
    case .reference: true
    case .step(_, .otherwise): false
    case .step(let rule, _): isLookup(rule)
    default: false
    }
  }

  /// Counts the rows that meet all conditions, and shows some columns of a few.
  private func search(
    _ conditions: [String], showing columns: [String], _ feed: Feed
  ) throws -> (count: Int, examples: [String])? {
    let all = conditions + [feed.filter.map { SQLCondition($0).inBrackets }].compactMap { $0 }
    let rows =
      try SQL.identifier(schema: plan.source.schema, feed.from) + " AS r WHERE "
      + all.joined(separator: " AND ")
    let hasPlanSQL = plan.tables.flatMap(\.feeds).contains { $0.filter != nil }
    let count =
      try connection.execute("SELECT pg_catalog.count(*) FROM \(rows)", hasPlanSQL: hasPlanSQL)
      .int(0, 0) ?? 0
    guard count > 0 else { return nil }
    let names = try columns.map { "r." + (try SQL.identifier($0)) }
    guard !names.isEmpty else { return (count, []) }
    let shown = try connection.execute(
      "SELECT pg_catalog.concat_ws(', ', \(names.joined(separator: ", "))) FROM \(rows) LIMIT 3",
      hasPlanSQL: hasPlanSQL)
    return (count, shown.rows.compactMap { $0.text(0) })
  }

  private static func paths(_ reference: Reference) -> String {
    reference.ways.flatMap { ReadPaths.paths(of: $0.value) }
      .map { $0.joined(separator: ".") }.joined(separator: ", ")
  }

  /// Finds rows that refer to something that the source does not have.
  private func pointless(
    _ reference: Reference, _ column: ColumnRule, _ feed: Feed
  ) throws -> ProfileFinding? {
    guard let referenced = plan.tables.first(where: { $0.name == reference.table }) else {
      return nil
    }
    var values: [String] = []
    var absences: [String] = []
    for way in reference.ways {
      guard let value = try SourceExpression.sql(way.value, of: "r"),
        let known = try keys(of: referenced, way.column)
      else { return nil }
      values.append(value)
      absences.append(
        "NOT EXISTS (SELECT FROM (\(known)) AS known WHERE known.key OPERATOR(pg_catalog.=) \(value))"
      )
    }
    let anything = values.map { "\($0) IS NOT NULL" }.joined(separator: " OR ")
    let shown = reference.ways.flatMap { $0.value.sourceColumns.sorted() }
    let found = try search(["(\(anything))"] + absences, showing: shown, feed)
    let paths = Self.paths(reference)
    return found.map { count, examples in
      ProfileFinding(
        kind: .dangling, severity: .warning, source: feed.from, path: paths,
        what: "\(CountText.of(count, "orphan")) in \(feed.from): \"\(paths)\" matches no row of "
          + "\(reference.table) in the source",
        count: count, examples: examples, place: column.place,
        remedy: Self.remedy(reference.orphan))
    }
  }

  static func remedy(_ orphan: FailurePolicy) -> String {
    orphan == .quarantine
      ? "the rows will be quarantined" : "the reference will be null, with a warning"
  }

  /// All values that a column of a referenced table will have, as a query; nil if only its rules know.
  private func keys(of table: TablePlan, _ column: String) throws -> String? {
    var queries: [String] = []
    for feed in table.feeds {
      guard let rule = feed.columns.first(where: { $0.column == column })?.rule,
        let value = try SourceExpression.sql(rule, of: "k")
      else { return nil }
      let filter = feed.filter.map { " WHERE " + SQLCondition($0).inBrackets } ?? ""
      queries.append(
        "SELECT \(value) AS key FROM \(try SQL.identifier(schema: plan.source.schema, feed.from))"
          + " AS k\(filter)")
    }
    return queries.isEmpty ? nil : queries.joined(separator: " UNION ALL ")
  }
}
