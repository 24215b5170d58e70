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

  /// Looks into the columns of type oid, and of domains over it such as lo, that the plan's rules read.
  package static func find(_ plan: Plan, _ tables: [PostgresTable], _ source: Connection) throws
    -> [LargeObjects]
  {
    var found: [LargeObjects] = []
    for table in tables {
      let feeds = plan.tables.flatMap(\.feeds).filter { $0.from == table.name }
      let read = Set(feeds.flatMap(\.columns).flatMap(\.rule.sourceColumns))
      for column in table.columns where column.type.baseOID == OID.oid && read.contains(column.name)
      {
        let name = try SQL.identifier(column.name)
        let numbers = try source.query(
          """
          SELECT m.oid::bigint FROM pg_catalog.pg_largeobject_metadata m
          WHERE m.oid IN (SELECT t.\(name)::oid FROM \(try SQL.identifier(schema: table.schema, table.name)) t)
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
