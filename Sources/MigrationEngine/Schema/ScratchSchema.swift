import MigrationLedger
import MigrationPlan
import Postgres

/// Makes the schema that the files describe, reads it, and leaves nothing of it behind.
///
/// All files are run into a schema of a random name, inside a transaction that is rolled back. Other
/// sessions never see it. So the files have to write names without a schema; one that reaches into
/// another schema is found out and reported, and rolled back with the rest.
package struct ScratchSchema {
  private let connection: Connection
  private let name: String

  /// Returns the tables that the files describe.
  ///
  /// The user needs the right to create schemas in the database, and the connection no transaction.
  package static func tables(
    of folder: SchemaFolder, on connection: Connection
  ) throws -> [PostgresTable] {
    try ScratchSchema(connection).read(folder)
  }

  package init(_ connection: Connection, name: String = ScratchSchema.name()) {
    (self.connection, self.name) = (connection, name)
  }

  /// Returns a name that no schema has.
  package static func name(_ purpose: String = "scratch") -> String {
    var generator = SystemRandomNumberGenerator()
    return "migrate_\(purpose)_" + String(generator.next(), radix: 16)
  }

  private func read(_ folder: SchemaFolder) throws -> [PostgresTable] {
    try connection.begin()
    do {
      let tables = try build(folder)
      try connection.rollback()
      return tables
    } catch {
      // The first failure is the one to report; a lost session has rolled back on its own.
      try? connection.rollback()
      throw error
    }
  }

  /// Makes the schema in the transaction at hand, and returns its tables.
  package func build(_ folder: SchemaFolder) throws -> [PostgresTable] {
    // Nothing here should wait for anyone; a file that reaches elsewhere must not hold others up.
    try connection.execute("SET LOCAL lock_timeout = '2s'; SET LOCAL client_min_messages = error")
    try connection.execute("CREATE SCHEMA " + SQL.identifier(name))
    let runner = SchemaFileRunner(connection: connection, schema: name)
    for migration in folder.migrations { try runner.rehearse(migration.up) }
    let outside = try objectsOutside()
    guard outside.isEmpty else {
      throw SchemaFault.outsideSchema(objects: outside, folder: folder.path)
    }
    return try CatalogReader(connection).tables(schema: name)
  }

  /// Finds tables, views and indexes of other schemas that this transaction made or changed.
  private func objectsOutside() throws -> [String] {
    try connection.query(
      """
      SELECT n.nspname || '.' || c.relname
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.xmin::text::bigint = txid_current() % 4294967296
        AND n.nspname <> $1 AND n.nspname NOT LIKE 'pg\\_%'
      ORDER BY 1 LIMIT 10
      """, [name]
    ).rows.compactMap { $0.text(0) }
  }
}

extension SchemaComparison {
  /// Compares a live schema with what the files describe, on the same server.
  package static func run(
    folder: SchemaFolder, schema: String, on connection: Connection,
    setAside: Set<SuspendedObject> = []
  ) throws -> [SchemaFinding] {
    let expected = try ScratchSchema.tables(of: folder, on: connection)
    let live = try CatalogReader(connection).tables(
      schema: schema, named: expected.map(\.name))
    return compare(expected: expected, live: live, setAside: setAside)
  }
}
