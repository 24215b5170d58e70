import MigrationPlan
import Postgres

/// Columns whose values are numbers of large objects, which no rule reads.
package struct LargeObjects: Sendable, Hashable {
  package let table: String
  package let column: String
  /// Numbers of large objects of the source, the first ones.
  package let numbers: [Int]

  package init(table: String, column: String, numbers: [Int]) {
    self.table = table
    self.column = column
    self.numbers = numbers
  }

  private static let most = 10_000

  /// Looks for numbers of type oid, and of domains over it such as lo, in the columns that the plan's rules read, and
  /// inside of their arrays and composites.
  package static func find(_ plan: Plan, _ tables: [PostgresTable], _ source: Connection) throws
    -> [LargeObjects]
  {
    var found: [LargeObjects] = []
    for table in tables {
      for column in plan.columns(readFrom: table) {
        let values = try column.type.parts.filter { $0.type == OID.oid }.map {
          "SELECT s.v::oid FROM (\(try $0.values(of: column.name, in: table))) s"
        }
        guard !values.isEmpty else { continue }
        let numbers = try source.query(
          """
          SELECT m.oid::bigint FROM pg_catalog.pg_largeobject_metadata m
          WHERE m.oid IN (\(values.joined(separator: " UNION ALL ")))
          LIMIT \(most)
          """
        ).rows.compactMap { $0.int(0) }
        guard !numbers.isEmpty else { continue }
        found.append(LargeObjects(table: table.name, column: column.name, numbers: numbers))
      }
    }
    return found
  }

  /// Those that the target does not have under the same number.
  package func missing(in target: Connection) throws -> [Int] {
    try target.query(
      """
      SELECT n FROM unnest($1::bigint[]) n
      WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata m WHERE m.oid::bigint = n) ORDER BY n
      """, [numbers]
    ).rows.compactMap { $0.int(0) }
  }
}
