import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Looks for rows that refer to rows which are not there: by every foreign key of the target, and by
/// every look-up of the plan, whether the database has a constraint for it or not. And for values that come
/// twice, although the plan calls them unique.
struct ReferencesLayer {
  let scope: ValidationScope

  /// Columns of one table that name a row of another.
  private struct Link: Hashable {
    let columns: [String]
    let referencedSchema: String
    let referencedTable: String
    let referencedColumns: [String]
  }

  func run() throws -> LayerResult {
    var result = LayerResult(.references)
    let relation = scope.request.relation
    for table in scope.tables where relation.map({ $0.child == table.name }) ?? true {
      guard let live = scope.live[table.name] else {
        result.findings.append(CountsLayer.noTable(table))
        continue
      }
      for link in links(table, live)
      where relation.map({ $0.parent == link.referencedTable }) ?? true {
        try check(link, table, live, &result)
      }
      result.findings += unproven(table, live)
      if relation == nil { result.findings += try repeated(table, live) }
    }
    result.findings += try setAside()
    // A plan whose tables refer to nothing has nothing to be checked, and that is fine.
    if result.checked == 0, result.findings.isEmpty, relation == nil {
      result.checked = scope.tables.count
    }
    return result
  }

  private func links(_ table: TablePlan, _ live: PostgresTable) -> [Link] {
    var links = live.foreignKeys.map { key in
      Link(
        columns: key.columns, referencedSchema: key.referencedSchema ?? live.schema,
        referencedTable: key.referencedTable, referencedColumns: key.referencedColumns)
    }
    for feed in table.feeds {
      for column in feed.columns {
        for reference in column.rule.references {
          let link = Link(
            columns: [column.column], referencedSchema: live.schema,
            referencedTable: reference.table, referencedColumns: [reference.result])
          if Self.isValue(reference, of: column.rule), !links.contains(link) { links.append(link) }
        }
      }
    }
    return links
  }

  /// Whether the column gets the looked-up value itself, and not something made of it.
  private static func isValue(_ reference: Reference, of rule: Rule) -> Bool {
    switch rule {
    case .reference(let other): other.table == reference.table && other.result == reference.result
    case .step(let rule, .required): isValue(reference, of: rule)
    default: false
    }
  }

  private func check(
    _ link: Link, _ table: TablePlan, _ live: PostgresTable, _ result: inout LayerResult
  ) throws {
    let columns = try link.columns.map(SQL.identifier)
    let others = try link.referencedColumns.map(SQL.identifier)
    let there = columns.map { "t.\($0) IS NOT NULL" }
    let equal = zip(columns, others).map { "r.\($1) = t.\($0)" }.joined(separator: " AND ")
    let referenced = try SQL.identifier(schema: link.referencedSchema, link.referencedTable)
    let refers = there.joined(separator: " AND ")
    let condition =
      (there + ["NOT EXISTS (SELECT FROM \(referenced) r WHERE \(equal))"])
      .joined(separator: " AND ")
    let name = try scope.name(of: live)
    let counts = try scope.target.query(
      """
      SELECT (SELECT count(*) FROM \(name) t WHERE \(condition)),
        (SELECT count(*) FROM \(name) t WHERE \(refers))
      """)
    let count = counts.int(0, 0) ?? 0
    result.checked += 1
    let column = link.columns.joined(separator: ", ")
    result.tables.append([
      "table": .text(table.name), "columns": .text(column),
      "refersTo": .text(link.referencedTable), "orphans": .int(count),
      "references": .int(counts.int(0, 1) ?? 0),
    ])
    guard count > 0 else { return }
    result.findings.append(
      ValidationFinding(
        .critical, .foreignKey, table: table.name, column: column,
        "\(CountText.of(count, "orphan")) in \(table.name): \(column) matches no row of "
          + link.referencedTable,
        count: count, examples: try scope.examples(live, where: condition),
        sql: "SELECT t.* FROM \(name) t WHERE \(condition)",
        remedy: "load the missing rows, or correct the references"))
  }

  /// Values that only the plan calls unique; the others the server's own indexes keep so.
  private func repeated(_ table: TablePlan, _ live: PostgresTable) throws -> [ValidationFinding] {
    let enforced = ([live.primaryKey] + live.unique).map(Set.init)
    return try table.unique.filter { set in
      !enforced.contains(Set(set)) && set.allSatisfy { live[$0] != nil }
    }.compactMap { try RepeatedValues($0, in: live, scope.target).finding(table) }
  }

  /// Foreign keys that the server has not validated itself.
  private func unproven(_ table: TablePlan, _ live: PostgresTable) -> [ValidationFinding] {
    live.constraints.filter { $0.kind == .foreignKey && !$0.isValidated }.map { constraint in
      ValidationFinding(
        .high, .foreignKey, table: table.name,
        "the foreign key \(constraint.name) of \(table.name) is not validated",
        remedy: "ALTER TABLE … VALIDATE CONSTRAINT \(constraint.name)")
    }
  }

  private func setAside() throws -> [ValidationFinding] {
    try SuspendedObjects(scope.ledger).pendingRestores().map { object in
      ValidationFinding(
        .critical, .schema, table: object.table.name,
        "\(object.kind.rawValue) \(object.name) of \(object.table.name) is still suspended",
        remedy: "the next run rebuilds it: migrate run")
    }
  }
}
