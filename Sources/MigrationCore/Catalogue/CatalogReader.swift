import Postgres

/// Reads tables of a live database as values.
///
/// Five statements read any number of tables. Definitions of constraints, indexes and defaults have
/// every name schema-qualified, whatever the session's search path, so that they mean the same in
/// any other session. Names of types are as the session sees them.
public struct CatalogReader {
  private let connection: Connection

  public init(_ connection: Connection) { self.connection = connection }

  /// Returns the tables of a schema, by name; partitions count as part of their parent.
  public func tables(schema: String) throws -> [PostgresTable] {
    try read(connection.query(CatalogQueries.tables, [schema, Parameter.null]))
  }

  /// Returns those of the named tables and views that exist, by name.
  public func tables(schema: String, named names: [String]) throws -> [PostgresTable] {
    try read(connection.query(CatalogQueries.tables, [schema, names]))
  }

  /// Returns a table or view, or nil if there is none of that name.
  public func table(schema: String, named name: String) throws -> PostgresTable? {
    try tables(schema: schema, named: [name]).first
  }

  private func read(_ tables: QueryResult) throws -> [PostgresTable] {
    var drafts = tables.rows.map(TableDraft.init)
    guard !drafts.isEmpty else { return [] }
    let oids = drafts.map(\.oid)
    let places = Dictionary(uniqueKeysWithValues: oids.enumerated().map { ($1, $0) })
    func each(_ sql: String, _ add: (inout TableDraft, QueryResult.Row) -> Void) throws {
      for row in try connection.query(sql, [oids]).rows {
        if let oid = row.int(0), let place = places[oid] { add(&drafts[place], row) }
      }
    }
    // Under an empty path the server qualifies the names that it prints.
    try connection.withSearchPath(.empty) {
      try each(CatalogQueries.defaults) { $0.addDefault($1) }
      try each(CatalogQueries.constraints) { $0.addConstraint($1) }
      try each(CatalogQueries.indexes) { $0.addIndex($1) }
    }
    try each(CatalogQueries.columns) { $0.addColumn($1) }
    return drafts.map(\.table)
  }
}
