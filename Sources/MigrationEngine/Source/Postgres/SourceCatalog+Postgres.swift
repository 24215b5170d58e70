import MigrationPlan
import Postgres

extension SourceCatalog {
  /// Reads what a PostgreSQL source has, and has it parse the conditions on its rows.
  ///
  /// - Parameter condition: a further condition of the run.
  package init(_ plan: Plan, condition: String? = nil, _ connection: Connection) throws {
    self.init()
    let schema = plan.source.schema
    tables = try CatalogReader(connection).tables(
      schema: schema, named: plan.tables.flatMap(\.feeds).map(\.from))
    relations = try Relations(schema: schema, connection)
    heirs = try Self.heirs(of: tables, relations, schema: schema, connection)
    let there = Set(tables.map(\.name))
    let statements = try plan.tables.flatMap(\.feeds).filter { there.contains($0.from) }
      .flatMap { feed in
        try [feed.filter, condition].compactMap { $0 }.map { filter in
          CheckedStatement(
            sql: SQLCondition(filter).trial(
              on: try SQL.identifier(schema: schema, feed.from)),
            what: "the condition on \(feed.from)", place: feed.place)
        }
      }
    if tables.haveMoney { moneyDigits = try MoneyDigits.read(connection) }
    largeObjects = try LargeObjects.find(plan, tables, connection)
    namelessObjects = try NamelessObject.find(plan, tables, connection)
    faults = try StatementCheck(connection, schema: nil).faults(statements)
  }

  private static func heirs(
    of tables: [PostgresTable], _ relations: Relations, schema: String, _ connection: Connection
  ) throws -> [(table: String, heir: String)] {
    let isParent: (PostgresTable) -> Bool = {
      $0.hasHeirs || relations.kinds[$0.name] == .partitionedTable
    }
    guard tables.contains(where: isParent) else { return [] }
    let found = try connection.query(
      """
      WITH RECURSIVE below AS (
        SELECT inhparent AS ancestor, inhrelid AS heir FROM pg_catalog.pg_inherits
        UNION
        SELECT b.ancestor, i.inhrelid FROM below b
          JOIN pg_catalog.pg_inherits i ON i.inhparent = b.heir
      )
      SELECT p.relname, c.relname FROM below b
        JOIN pg_catalog.pg_class p ON p.oid = b.ancestor
        JOIN pg_catalog.pg_class c ON c.oid = b.heir
        JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace AND n.oid = c.relnamespace
      WHERE n.nspname = $1 AND p.relname = ANY ($2) AND c.relname = ANY ($2) ORDER BY 1, 2
      """, [schema, tables.map(\.name)])
    return found.rows.map { ($0.string(0), $0.string(1)) }
  }
}
