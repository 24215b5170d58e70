import MigrationPlan
import Postgres

/// How many rows of a table are in the target, and how many should be.
package struct RowsInTarget {
  /// Nil if there is no such table.
  package let found: Int?
  /// The rows that the ledger counts as loaded, and those that were there before.
  package let expected: Int
}

extension Ledger {
  /// Counts the rows of a table; nil while equal rows of a merged table wait to become one.
  package func rowsInTarget(
    of sheet: RowCounts, _ state: TableState, schema: String, isMerged: Bool
  ) throws -> RowsInTarget? {
    if isMerged, try mergeTotals(table: state.id) == nil { return nil }
    let expected = sheet.inTarget + (try rowsBefore(table: state.id) ?? 0)
    let table = QualifiedName(schema: schema, name: sheet.table)
    guard let rows = try CatalogReader(connection).ownRows(of: [table])[0] else {
      return RowsInTarget(found: nil, expected: expected)
    }
    let found = try connection.query("SELECT pg_catalog.count(*) FROM \(rows)").int(0, 0) ?? 0
    return RowsInTarget(found: found, expected: expected)
  }
}
