import MigrationPlan
import Postgres

/// A value of regclass, regtype or the like inside an array or a composite whose object is not there any more.
///
/// The server writes it as the object's number, which the target would read as the number of one of its own. Of a
/// column that is such a value itself, `PostgresType.objectName` reads it so that the target refuses the row.
package struct NamelessObject: Sendable, Hashable {
  package let table: String
  package let column: String
  package let number: Int

  /// Looks into the columns that the plan's rules read.
  static func find(
    _ plan: Plan, _ tables: [PostgresTable], _ source: Connection
  ) throws -> [NamelessObject] {
    var found: [NamelessObject] = []
    for table in tables {
      for column in plan.columns(readFrom: table) {
        for part in column.type.parts where !part.path.isEmpty {
          guard let catalogue = PostgresType.catalogue(ofObjects: part.type) else { continue }
          let number = try source.query(
            """
            SELECT s.v::oid::bigint FROM (\(try part.values(of: column.name, in: table))) s
            WHERE s.v::oid <> 0 AND NOT EXISTS (
              SELECT FROM pg_catalog.\(catalogue) o WHERE o.oid = s.v::oid) LIMIT 1
            """
          ).rows.first?.int(0)
          guard let number else { continue }
          found.append(NamelessObject(table: table.name, column: column.name, number: number))
        }
      }
    }
    return found
  }
}

extension Plan {
  /// The columns of a source table that rules read.
  func columns(readFrom table: PostgresTable) -> [PostgresColumn] {
    let rules = tables.flatMap(\.feeds).filter { $0.from == table.name }.flatMap(\.columns)
    let read = Set(rules.flatMap(\.rule.sourceColumns))
    return table.columns.filter { read.contains($0.name) }
  }
}
