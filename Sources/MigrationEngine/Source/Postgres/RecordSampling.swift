import MigrationPlan
import Postgres

/// Chooses the records of a PostgreSQL feed that are compared: spread over its keys, and always the
/// first, the last, the widest, the emptiest and the fullest.
struct RecordSampling {
  let source: Connection
  let table: PostgresTable
  let feed: Feed
  let count: Int

  /// Returns the condition that the chosen records meet; nil if there are no more than these.
  func condition() throws -> String? {
    let name = try SQL.identifier(schema: table.schema, table.name)
    let filter = feed.filter.map { " WHERE " + SQLCondition($0).inBrackets } ?? ""
    let total =
      try source.execute(
        "SELECT pg_catalog.count(*) FROM \(name)\(filter)", hasPlanSQL: feed.filter != nil
      ).int(0, 0) ?? 0
    guard total > count else { return nil }
    let order = try feed.key.isEmpty ? "ctid" : SQL.identifiers(feed.key)
    let columns = try table.columns.map { "t." + (try SQL.identifier($0.name)) }
    let nulls = "pg_catalog.num_nulls(\(columns.joined(separator: ", ")))"
    let chosen = [
      "SELECT ctid FROM (SELECT ctid, pg_catalog.row_number() OVER (ORDER BY \(order)) AS n FROM \(name)\(filter)) s"
        + " WHERE pg_catalog.mod(n, \(max(1, total / count))::bigint) OPERATOR(pg_catalog.=) 1"
        + " OR n OPERATOR(pg_catalog.=) \(total)",
      extreme("pg_catalog.pg_column_size(t.*) DESC", name, filter),
      extreme("\(nulls) DESC", name, filter),
      extreme(nulls, name, filter),
    ]
    return "ctid IN (\(chosen.joined(separator: " UNION ALL ")))"
  }

  private func extreme(_ order: String, _ name: String, _ filter: String) -> String {
    "(SELECT t.ctid FROM \(name) t\(filter) ORDER BY \(order) LIMIT 1)"
  }
}
