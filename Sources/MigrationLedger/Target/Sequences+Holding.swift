import MigrationPlan
import Postgres

/// A sequence that a transaction could not keep from moving.
package struct MovingSequence: Sendable {
  package let name: QualifiedName
  package let cause: PostgresError
}

extension Sequences {
  /// Keeps rows that will be rolled back from moving the sequences of a table's defaults.
  ///
  /// A rollback does not take back values that a sequence has issued. But `ALTER SEQUENCE` makes
  /// all further changes part of the transaction, even if it changes nothing: its rollback brings back the sequence
  /// as it was. Others who need a value wait until then.
  ///
  /// - Parameter fed: columns whose defaults are not used.
  /// - Returns: The sequences that will move.
  package func hold(of table: QualifiedName, except fed: Set<String>) throws -> [MovingSequence] {
    let found = try ledger.connection.query(Self.inDefaults, [table.schema, table.name])
    var seen: Set<QualifiedName> = []
    return try found.rows.compactMap { row -> MovingSequence? in
      let name = QualifiedName(schema: row.string(0), name: row.string(1))
      guard !fed.contains(row.string(3)), seen.insert(name).inserted else { return nil }
      return try hold(name, increment: row.number(2)).map { MovingSequence(name: name, cause: $0) }
    }
  }

  /// Returns why it can't be held; nil if it is.
  private func hold(_ name: QualifiedName, increment: Int) throws -> PostgresError? {
    let connection = ledger.connection
    do {
      _ = try connection.executeAll(
        """
        SAVEPOINT migrate_sequence;
        SELECT pg_catalog.set_config('migrate.wait', pg_catalog.current_setting('lock_timeout'), true);
        SET LOCAL lock_timeout = '5s';
        ALTER SEQUENCE \(name.quoted()) INCREMENT BY \(increment);
        SELECT pg_catalog.set_config('lock_timeout', pg_catalog.current_setting('migrate.wait'), true);
        RELEASE SAVEPOINT migrate_sequence
        """)
      return nil
    } catch let error as PostgresError {
      guard connection.isUsable, error.sqlState != nil else { throw error }
      try connection.execute(
        "ROLLBACK TO SAVEPOINT migrate_sequence; RELEASE SAVEPOINT migrate_sequence")
      return error
    }
  }

  /// Asks for the sequences of identities and defaults, those of domains among them: schema, name, increment, column.
  private static let inDefaults = """
    SELECT sn.nspname, s.relname, q.seqincrement, a.attname
    FROM pg_catalog.pg_attribute a
      JOIN (\(uses) UNION
        SELECT d.refobjid, m.attrelid, m.attnum FROM pg_catalog.pg_attribute m
          JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
            AND d.objid = m.atttypid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        ) u ON u.relation = a.attrelid AND u.number = a.attnum
      JOIN pg_catalog.pg_class s ON s.oid = u.sequence AND s.relkind = 'S'
      JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
      JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
      JOIN pg_catalog.pg_class t ON t.oid = a.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname = $1 AND t.relname = $2 AND NOT a.attisdropped
      AND (a.atthasdef OR a.attidentity <> '' OR EXISTS (
        SELECT FROM pg_catalog.pg_type y WHERE y.oid = a.atttypid AND y.typdefault IS NOT NULL))
    ORDER BY sn.nspname, s.relname, a.attname
    """
}
