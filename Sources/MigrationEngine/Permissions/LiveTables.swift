import MigrationBasics
import MigrationPlan
import Postgres

/// Tables of a plan as they are in a database, with what a survey of rights asks for.
package struct LiveTables {
  package let tables: [String: PostgresTable]
  /// The tables' owners, quoted.
  let owners: [String: String]
  private let numbers: [String: Int]
  var oids: [Int] { Array(numbers.values) }
  private let schema: String

  /// - Throws: `MigrationError` if one of the tables is not there.
  init(_ names: [String], schema: String, _ connection: Connection) throws {
    let found = try CatalogReader(connection).tables(schema: schema, named: names)
    tables = Dictionary(found.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.schema = schema
    for name in names where tables[name] == nil {
      throw MigrationError(
        .coded(.schema), "there is no table \(schema).\(name)", place: connection.facts.database,
        remedy:
          "create the target's tables first: migrate db migrate; check a plan: migrate plan check")
    }
    let rows = try connection.query(
      """
      SELECT c.relname, c.oid::bigint, c.relowner::regrole::text
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = ANY ($2)
      """, [schema, names]
    ).rows
    owners = Dictionary(
      rows.map { ($0.string(0), $0.string(2)) }, uniquingKeysWith: { first, _ in first })
    numbers = Dictionary(
      rows.map { ($0.string(0), $0.number(1)) }, uniquingKeysWith: { first, _ in first })
  }

  package func oid(_ name: String) -> Int { numbers[name] ?? 0 }

  /// Returns the table's name as SQL has it.
  package func quoted(_ name: String) throws -> String { try SQL.identifier(schema: schema, name) }
}
