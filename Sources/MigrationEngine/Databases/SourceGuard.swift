import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Keeps a plan from writing into the tables that it reads.
///
/// Source and target may be one database as long as their tables are others. What counts are tables,
/// not names: parts of a table, and the tables below a view, belong to it.
package struct SourceGuard: Sendable {
  /// One word for programs.
  package static let reason = "sourceIsTarget"

  private let plan: Plan
  private let ledgerSchema: String

  package init(_ plan: Plan, ledgerSchema: String = Ledger.defaultSchema) {
    (self.plan, self.ledgerSchema) = (plan, ledgerSchema)
  }

  /// Refuses a plan whose source tables are target tables, or would be emptied or altered with them.
  ///
  /// - Throws: `MigrationError` of kind `configuration`; nothing was written.
  package func refuse(source: Connection, target: Connection) throws {
    guard try DatabaseIdentity.areOne(source, target) else { return }
    let reasons = try overlap(source, target)
    guard reasons.isEmpty else {
      throw Self.refusal(
        "plan \(plan.name) would write into the tables that it reads: "
          + reasons.joined(separator: "; "), target)
    }
  }

  /// Refuses it if the source's rows are in a database that may be the target.
  package func refuse(_ source: SourcePlace, target: Connection) throws {
    guard let place = source.kind.targetDatabase else { return }
    try refuse(source: Connection(to: place), target: target)
  }

  package static func refusal(_ what: String, _ target: Connection) -> MigrationError {
    MigrationError(
      .configuration, what, reason: reason,
      place: "source and target are one database, \(target.facts.database)",
      remedy:
        "nothing was changed; name another database in DATABASE_URL, or other schemas or tables "
        + "in the plan")
  }

  /// The tables that the plan reads, by their numbers.
  package func sourceTables(_ connection: Connection) throws -> [Int: QualifiedName] {
    try Self.tables(
      connection, schema: plan.source.schema, plan.tables.flatMap(\.feeds).map(\.from))
  }

  private func overlap(_ source: Connection, _ target: Connection) throws -> [String] {
    let read = try sourceTables(source)
    let written = try Self.tables(
      target, schema: plan.target.schema, plan.tables.map(\.name))
    let both = Set(read.keys).intersection(written.keys).compactMap { read[$0] }.sorted()
    let ledger = read.values.filter { $0.schema == ledgerSchema }.sorted()
    return both.map(\.description) + ledger.map { "\($0) in the ledger's schema" }
      + (both.isEmpty ? try alteredKeys(Array(read.keys), Array(written.keys), target) : [])
  }

  /// Foreign keys of source tables that a load would suspend, because they refer to a target table.
  private func alteredKeys(
    _ read: [Int], _ written: [Int], _ target: Connection
  ) throws -> [String] {
    try target.query(
      """
      SELECT c.conname, n.nspname, t.relname FROM pg_catalog.pg_constraint c
        JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
      WHERE c.contype = 'f' AND c.conrelid = ANY ($1::bigint[]::oid[])
        AND c.confrelid = ANY ($2::bigint[]::oid[])
      ORDER BY 2, 3, 1
      """, [read, written]
    ).rows.map { row in
      let table = QualifiedName(schema: row.string(1), name: row.string(2))
      return "the foreign key \(row.string(0)) of \(table) refers to a target table"
    }
  }

  /// Tables with all that belongs to them: partitions, tables that inherit, what a view selects from.
  private static func tables(
    _ connection: Connection, schema: String, _ names: [String]
  ) throws -> [Int: QualifiedName] {
    let found = try connection.query(
      """
      WITH RECURSIVE part AS (
        SELECT inhparent AS whole, inhrelid AS oid FROM pg_catalog.pg_inherits
        UNION ALL
        SELECT r.ev_class, d.refobjid FROM pg_catalog.pg_rewrite r
          JOIN pg_catalog.pg_depend d ON d.objid = r.oid
            AND d.classid = 'pg_catalog.pg_rewrite'::regclass
            AND d.refclassid = 'pg_catalog.pg_class'::regclass
        WHERE r.ev_type = '1'
      ), chosen AS (
        SELECT c.oid FROM pg_catalog.pg_class c
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2)
        UNION
        SELECT part.oid FROM chosen JOIN part ON part.whole = chosen.oid
      )
      SELECT c.oid::bigint, n.nspname, c.relname FROM chosen
        JOIN pg_catalog.pg_class c ON c.oid = chosen.oid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      """, [schema, names])
    return Dictionary(
      found.rows.map { ($0.number(0), QualifiedName(schema: $0.string(1), name: $0.string(2))) },
      uniquingKeysWith: { first, _ in first })
  }
}
