import MigrationPlan
import Postgres

/// Applies and takes back the numbered files of a schema, and knows which were applied.
///
/// - Each file runs in a transaction of its own together with its entry in `schema_migration`:
///   both are there afterwards, or neither. A file that is marked to run without a transaction is
///   the exception; it must be written so that it can be run again.
/// - One migrator at a time works on a database, by an advisory lock of its session, which ends
///   with the session however that ends.
/// - Files that were applied are never run again, and must not change: their SHA-256 is compared
///   before anything is done.
package struct SchemaMigrator {
  package let connection: Connection
  package let folder: SchemaFolder
  package let record: SchemaRecord
  package let schema: String
  /// Tables that no file may change, by their numbers: those that a migration reads.
  private let guarded: [Int: QualifiedName]
  private let operatorName: String
  private let lockWait: Duration

  /// Prepares to migrate one plan's schema.
  ///
  /// - Parameter schema: where the files' unqualified names go.
  /// - Parameter ledgerSchema: where it is recorded what was applied.
  /// - Parameter operatorName: who applies them, as it is recorded.
  /// - Parameter guarded: tables that no file may change, by their numbers.
  package init(
    connection: Connection, folder: SchemaFolder, plan: String, schema: String = "public",
    ledgerSchema: String = "migrate", operatorName: String, lockWait: Duration = .seconds(10),
    guarded: [Int: QualifiedName] = [:]
  ) throws {
    (self.connection, self.folder, self.schema) = (connection, folder, schema)
    self.guarded = guarded
    (self.operatorName, self.lockWait) = (operatorName, lockWait)
    record = try SchemaRecord(connection: connection, plan: plan, ledgerSchema: ledgerSchema)
  }

  /// Reports what was applied, what is pending, and what does not fit; it changes nothing.
  ///
  /// Files change nothing outside their schema: if it was dropped, nothing is left of what was applied.
  package func status() throws -> SchemaStatus {
    SchemaStatus(folder: folder, applied: try isEmpty() ? [] : record.entries())
  }

  /// Returns which of these tables the schema lacks.
  package func missing(_ tables: [String]) throws -> [String] {
    try connection.query(
      """
      SELECT wanted FROM unnest($2::text[]) wanted
      WHERE NOT EXISTS (SELECT FROM pg_class WHERE relname = wanted AND relnamespace =
        (SELECT oid FROM pg_namespace WHERE nspname = $1)) ORDER BY wanted
      """, [schema, tables]
    ).rows.compactMap { $0.text(0) }
  }

  /// Whether the schema has nothing but what extensions made in it.
  private func isEmpty() throws -> Bool {
    try connection.query(
      """
      SELECT NOT EXISTS (
        SELECT FROM (
          SELECT 'pg_class'::regclass AS catalog, oid, relnamespace AS place FROM pg_class
            WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
          UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace FROM pg_type
            WHERE typtype IN ('e', 'd', 'r')
          UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc) found
        WHERE place = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND NOT EXISTS (
          SELECT FROM pg_depend d
          WHERE d.classid = found.catalog AND d.objid = found.oid AND d.deptype = 'e'))
      """, [schema]
    ).bool(0, 0) ?? false
  }

  /// Removes the records of files whose schema was dropped.
  private func forgetDropped() throws {
    guard try isEmpty() else { return }
    let entries = try record.entries()
    try connection.inTransaction { for entry in entries { try record.remove(entry.number) } }
  }

  /// Applies what is pending, in order, up to a number if one is given.
  ///
  /// - Returns: what was applied, which is nothing if all had been before.
  package func apply(upTo last: Int? = nil) throws -> [SchemaStatus.Applied] {
    try SchemaLock.hold(connection, wait: lockWait) {
      try record.install()
      try forgetDropped()
      let pending = try checkedStatus().pending.filter { $0.number <= last ?? .max }
      try refuseEmpty(pending)
      return try pending.map { migration in
        try runner.run(migration.up) { duration in
          try record.add(migration, by: operatorName, duration: duration)
        }
      }
    }
  }

  /// Takes back the newest applied migrations, newest first.
  ///
  /// - Warning: What the tables hold goes with them.
  package func rollback(_ count: Int = 1) throws -> [SchemaStatus.Applied] {
    try SchemaLock.hold(connection, wait: lockWait) {
      let steps = try rollbackSteps(count)
      for (applied, file) in steps {
        _ = try runner.run(file) { _ in try record.remove(applied.number) }
      }
      return steps.map(\.applied)
    }
  }

  /// Reports which migrations a rollback would take back, newest first, and checks that it can.
  package func rollbackPreview(_ count: Int = 1) throws -> [SchemaStatus.Applied] {
    try rollbackSteps(count).map(\.applied)
  }

  /// Applies what is pending in one transaction that is rolled back, to see whether it works.
  ///
  /// Files that need to run without a transaction are tried without the word `CONCURRENTLY`.
  package func rehearse() throws -> [SchemaMigration] {
    try SchemaLock.hold(connection, wait: lockWait) {
      let pending = try checkedStatus().pending
      try refuseEmpty(pending)
      try connection.begin()
      do {
        for migration in pending { try runner.rehearse(migration.up) }
      } catch {
        try? connection.rollback()
        throw error
      }
      try connection.rollback()
      return pending
    }
  }

  /// Records pending migrations as applied without running them, for a schema made by other means.
  ///
  /// Whether the schema is really what the files say, `SchemaComparison` shows; ask it before.
  package func adopt() throws -> [SchemaStatus.Applied] {
    try SchemaLock.hold(connection, wait: lockWait) {
      try record.install()
      try forgetDropped()
      return try checkedStatus().pending.map { migration in
        try record.add(migration, by: operatorName, duration: .zero)
      }
    }
  }

  private var runner: SchemaFileRunner {
    SchemaFileRunner(connection: connection, schema: schema, guarded: guarded)
  }

  private func checkedStatus() throws -> SchemaStatus {
    let status = try status()
    if let fault = status.faults.first { throw fault }
    return status
  }

  private func refuseEmpty(_ pending: [SchemaMigration]) throws {
    if let empty = pending.first(where: { $0.up.statements.isEmpty }) {
      throw SchemaFault.empty(path: empty.up.path)
    }
  }

  private func rollbackSteps(
    _ count: Int
  ) throws -> [(applied: SchemaStatus.Applied, file: SchemaFile)] {
    let status = try checkedStatus()
    if status.applied.isEmpty { throw SchemaFault.nothingToRollBack }
    return try status.applied.suffix(max(0, count)).reversed().map { applied in
      let migration = folder.migrations.first { $0.number == applied.number }
      guard let file = migration?.down else {
        let path = migration?.up.path ?? folder.path
        throw SchemaFault.noDownFile(path: path)
      }
      return (applied, file)
    }
  }
}
