import MigrationBasics
import MigrationPlan
import Postgres

/// The tables that a fresh start empties, and how many rows they have.
package struct EmptiedTables: Sendable {
  package struct Table: Sendable, Hashable {
    package let name: QualifiedName
    package let rows: Int

    package init(name: QualifiedName, rows: Int) {
      self.name = name
      self.rows = rows
    }

  }

  package let database: String
  /// The plan's tables that have rows.
  package let tables: [Table]

  package var rows: Int { tables.reduce(0) { $0 + $1.rows } }

  /// Checks what a request would empty; changes nothing.
  ///
  /// - Throws: `MigrationError` if rows of tables would go that the plan does not name.
  package static func look(_ request: RunRequest) throws -> EmptiedTables {
    let ledger = try TargetConnections(request).openWritable()
    try SourceGuard(request.plan, ledgerSchema: request.ledgerSchema).refuse(
      request.databases.source, target: ledger.connection)
    let names = try request.chosenTables().map {
      QualifiedName(schema: request.plan.target.schema, name: $0.name)
    }
    try refuseOthers(names, ledger.connection)
    let own = try CatalogReader(ledger.connection).ownRows(of: names)
    let tables = try zip(names, own).map { name, rows in
      Table(name: name, rows: try rows.map { try count("FROM \($0)", ledger.connection) } ?? 0)
    }
    return EmptiedTables(
      database: ledger.connection.facts.database, tables: tables.filter { $0.rows > 0 })
  }

  /// Refuses to empty tables with which rows of others would go: those that inherit from them.
  ///
  /// Partitions are parts of their table, and have no rows of their own.
  static func refuseOthers(_ emptied: [QualifiedName], _ target: Connection) throws {
    let children = try target.query(
      """
      WITH RECURSIVE child AS (
        SELECT i.inhrelid AS oid, i.inhparent AS parent FROM pg_catalog.pg_inherits i
          JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
        WHERE NOT c.relispartition
      ), below AS (
        SELECT child.oid, n.nspname, c.relname FROM child
          JOIN pg_catalog.pg_class c ON c.oid = child.parent
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE (n.nspname || '.' || c.relname) = ANY ($1)
        UNION
        SELECT child.oid, below.nspname, below.relname FROM child JOIN below ON below.oid = child.parent
      )
      SELECT DISTINCT n.nspname, c.relname, below.relname FROM below
        JOIN pg_catalog.pg_class c ON c.oid = below.oid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      ORDER BY 1, 2
      """, [emptied.map(\.description)])
    let others = try children.rows.compactMap { row -> (child: Table, parent: String)? in
      let name = QualifiedName(schema: row.string(0), name: row.string(1))
      guard !emptied.contains(name) else { return nil }
      return (
        Table(name: name, rows: try count("FROM ONLY \(name.quoted())", target)), row.string(2)
      )
    }.filter { $0.child.rows > 0 }
    guard others.isEmpty else {
      let list = others.map {
        "\(CountText.of($0.child.rows, "row")) of \($0.child.name), which inherits from \($0.parent)"
      }
      throw MigrationError(
        .failed,
        "emptying the plan's tables would also delete " + list.joined(separator: "; "),
        reason: "wouldEmptyOthers", place: target.facts.database,
        remedy: "nothing was changed; move those rows elsewhere, or empty the tables yourself")
    }
  }

  private static func count(_ rows: String, _ target: Connection) throws -> Int {
    try target.query("SELECT count(*) \(rows)").int(0, 0) ?? 0
  }
}
