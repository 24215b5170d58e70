import MigrationPlan
import Postgres

/// Locks that keep a source's tables from being altered, emptied or dropped while they are read.
///
/// A snapshot alone does not: who emptied a table by TRUNCATE, or had it rewritten by ALTER TABLE,
/// leaves older snapshots a table without rows. Writers and readers are not held up.
///
/// Whoever waits for such a lock to go makes all wait that come after him, and so the lanes that want
/// to read. Neither would ever end: so lanes do not wait for ever, and the run ends.
package struct SourceTableLocks: Sendable {
  package let tables: [QualifiedName]
  /// How long to wait for a lock that another session holds or waits for; nil leaves it to the server.
  package let patience: Duration?

  package static let none = SourceTableLocks(tables: [], patience: nil)

  init(tables: [QualifiedName], patience: Duration?) {
    (self.tables, self.patience) = (tables, patience)
  }

  /// The tables that a plan reads.
  init(_ plan: Plan, patience: Duration?) {
    self.patience = patience
    tables = plan.sourceTables
  }

  /// Returns the statement that takes the locks; nil if there is nothing to lock.
  ///
  /// Omitted are tables that are not there, which is reported later and better, and such as can't be
  /// locked: foreign tables, and those of which only some columns may be read.
  package func statement(_ source: Connection) throws -> String? {
    guard !tables.isEmpty else { return nil }
    let names = try tables.map { try $0.quoted() }
    let found = try source.query(
      """
      SELECT DISTINCT n FROM unnest($1::text[]) n JOIN pg_catalog.pg_class c ON c.oid = to_regclass(n)::oid
      WHERE c.relkind IN ('r', 'p', 'v') AND has_table_privilege(c.oid, 'SELECT') ORDER BY n
      """, [names])
    let lockable = found.rows.map { $0.string(0) }
    guard !lockable.isEmpty else { return nil }
    return "LOCK TABLE \(lockable.joined(separator: ", ")) IN ACCESS SHARE MODE"
  }
}
