import MigrationLedger
import Postgres

/// What a run, a rollback or a retry needs at its end, which nothing before would have shown.
extension PermissionSurvey {
  /// Sequences are set past the loaded values, and back by a rollback.
  package func sequences(_ live: LiveTables) throws -> [RightQuestion] {
    try connection.query(
      """
      SELECT DISTINCT quote_ident(n.nspname) || '.' || quote_ident(s.relname), s.oid::bigint
      FROM \(Sequences.uses) u
        JOIN pg_catalog.pg_class s ON s.oid = u.sequence AND s.relkind = 'S'
        JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
      WHERE u.relation = ANY ($1::bigint[]::oid[]) ORDER BY 1
      """, [live.oids]
    ).rows.map { row in
      let name = row.string(0)
      return RightQuestion(
        object: "sequence \(name)", privilege: "SELECT, UPDATE",
        purpose: "the run sets the sequence past the loaded values",
        probe: """
          (has_sequence_privilege($1, \(row.number(1))::oid, 'UPDATE')
            AND has_sequence_privilege($1, \(row.number(1))::oid, 'SELECT'))
          """,
        grant: "GRANT SELECT, UPDATE ON SEQUENCE \(name)")
    }
  }

  /// Temporary tables and those of merges have columns of the tables' types.
  package func types(_ live: LiveTables) throws -> [RightQuestion] {
    try connection.query(
      """
      SELECT DISTINCT quote_ident(n.nspname) || '.' || quote_ident(y.typname), y.oid::bigint
      FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        JOIN pg_catalog.pg_type y ON y.oid = CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE t.oid END
        JOIN pg_catalog.pg_namespace n ON n.oid = y.typnamespace
      WHERE a.attrelid = ANY ($1::bigint[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
        AND n.nspname <> 'pg_catalog'
      ORDER BY 1
      """, [live.oids]
    ).rows.map { row in
      let name = row.string(0)
      return RightQuestion(
        object: "type \(name)", privilege: "USAGE",
        purpose: "temporary tables have columns of this type",
        probe: "has_type_privilege($1, \(row.number(1))::oid, 'USAGE')",
        grant: "GRANT USAGE ON TYPE \(name)")
    }
  }

  /// A rollback locks and reads tables outside the plan whose rows may refer to rows that it deletes.
  package func children(_ live: LiveTables) throws -> [RightQuestion] {
    let found = try connection.query(
      """
      SELECT DISTINCT n.nspname, t.relname, t.oid::bigint
      FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
      WHERE c.contype = 'f' AND c.confrelid = ANY ($1::bigint[]::oid[])
        AND NOT c.conrelid = ANY ($1::bigint[]::oid[])
        AND NOT (n.nspname = $2 AND t.relname = ANY ($3))
      ORDER BY 1, 2
      """, [live.oids, plan.target.schema, plan.tables.map(\.name)])
    return try found.rows.flatMap { row in
      let name = try SQL.identifier(schema: row.string(0), row.string(1))
      let locks = ["UPDATE", "DELETE", "TRUNCATE"]
        .map { "has_table_privilege($1, \(row.number(2))::oid, '\($0)')" }
      var questions = [
        try schema(row.string(0), "USAGE", "a rollback reads \(name)"),
        privilege(
          "SELECT", name, row.number(2), "a rollback searches for rows that refer to deleted rows"),
        RightQuestion(
          object: "table \(name)", privilege: "UPDATE",
          purpose: "a rollback locks the table: its rows may refer to deleted rows",
          probe: "(\(locks.joined(separator: " OR ")))", grant: "GRANT UPDATE ON \(name)"),
      ]
      for index in questions.indices { questions[index].need = .rollback }
      return questions
    }
  }
}
