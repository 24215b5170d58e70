import MigrationBasics
import MigrationPlan
import Postgres

/// Values that the plan or a key allows once, and that a table has more often.
struct RepeatedValues {
  let columns: [String]
  let count: Int
  /// The statement that finds them.
  let sql: String

  /// Looks for values of a unique set, equal as the columns' types and collations have it; nulls do not count.
  init(_ set: [String], in table: PostgresTable, _ target: Connection) throws {
    let names = try set.map { try SQL.identifier($0) }
    let list = names.joined(separator: ", ")
    let known = names.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
    columns = set
    sql =
      "SELECT \(list), count(*) FROM \(try table.ownRows()) WHERE \(known) GROUP BY \(list) HAVING count(*) > 1"
    count = try target.query("SELECT count(*) FROM (\(sql)) AS twice").int(0, 0) ?? 0
  }

  /// Nil if no value is repeated.
  func finding(_ table: TablePlan) -> ValidationFinding? {
    guard count > 0 else { return nil }
    let column = columns.joined(separator: ", ")
    return ValidationFinding(
      .critical, .duplicate, table: table.name, column: column,
      "\(CountText.of(count, "duplicate value")) of \(column) in \(table.name)", count: count,
      sql: sql,
      remedy: "find out who wrote them: a unique index is missing")
  }
}
