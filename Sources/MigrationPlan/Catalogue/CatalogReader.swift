import MigrationBasics
import Postgres

/// Reads tables of a live database as values.
///
/// One round trip reads any number of tables. Definitions of constraints, indexes and defaults have
/// every name schema-qualified, whatever the session's search path, so that they mean the same in
/// any other session. Names of types are as the session sees them.
package struct CatalogReader {
  private let connection: Connection

  package init(_ connection: Connection) { self.connection = connection }

  /// Returns the tables of a schema, by name; partitions count as part of their parent.
  package func tables(schema: String) throws -> [PostgresTable] {
    try read(schema: schema, names: nil)
  }

  /// Returns those of the named tables and views that exist, by name.
  package func tables(schema: String, named names: [String]) throws -> [PostgresTable] {
    try read(schema: schema, names: names)
  }

  /// Returns a table or view, or nil if there is none of that name.
  package func table(schema: String, named name: String) throws -> PostgresTable? {
    try tables(schema: schema, named: [name]).first
  }

  /// Returns what queries name the own rows of some tables by, as `PostgresTable.ownRows` does; nil for a table that
  /// does not exist.
  package func ownRows(of tables: [QualifiedName]) throws -> [String?] {
    try connection.query(
      """
      SELECT (SELECT CASE WHEN c.relkind = 'r' AND c.relhassubclass THEN 'ONLY ' ELSE '' END || n
        FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass(n)::oid)
      FROM pg_catalog.unnest($1::text[]) n
      """, [tables.map { try $0.quoted() }]
    ).rows.map { $0.text(0) }
  }

  private func read(schema: String, names: [String]?) throws -> [PostgresTable] {
    let results = try connection.executeAll(CatalogQueries.all(schema: schema, names: names))
    guard results.count == 8 else {
      throw MigrationError(.failed, "the server answered \(results.count) of 8 queries")
    }
    var drafts = results[0].rows.map(TableDraft.init)
    let places = Dictionary(uniqueKeysWithValues: drafts.map(\.oid).enumerated().map { ($1, $0) })
    func each(_ result: QueryResult, _ add: (inout TableDraft, QueryResult.Row) -> Void) {
      for row in result.rows {
        if let oid = row.int(0), let place = places[oid] { add(&drafts[place], row) }
      }
    }
    each(results[4]) { $0.addDefault($1) }
    each(results[5]) { $0.addConstraint($1) }
    each(results[6]) { $0.addIndex($1) }
    each(results[1]) { $0.addColumn($1) }
    return drafts.map(\.table)
  }
}
