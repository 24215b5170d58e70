import MigrationPlan
import Postgres

/// A right that it takes to build a dropped index or foreign key again.
package struct RebuildRight: Sendable {
  /// The oid of the index, or of the foreign key.
  package let object: Int
  package let isForeignKey: Bool
  package let objectName: String
  /// The table that the index or the foreign key belongs to.
  package let table: QualifiedName
  package let privilege: String
  /// What the privilege is on, as `GRANT` writes it: `SCHEMA public`.
  package let target: String
  package let isGranted: Bool
  /// Who needs it if that is not the role itself: expressions of indexes run as the table's owner.
  package let grantee: String?

  package var text: String {
    "\(privilege) on \(target.replacing("SCHEMA", with: "schema"))"
      + (grantee.map { " for \($0)" } ?? "")
  }
}

/// What building a table's indexes and foreign keys again takes of a role, apart from owning the table.
///
/// The server asks for these rights when an object is made, and not when it is dropped.
package struct RebuildRights {
  package let connection: Connection
  /// The role; nil is the connection's own.
  package var role: String?

  package init(connection: Connection, role: String? = nil) {
    self.connection = connection
    self.role = role
  }

  /// Returns the rights for the indexes of some tables, and for the foreign keys from and to them.
  package func rights(of tables: [Int]) throws(PostgresError) -> [RebuildRight] {
    try connection.query(
      Self.query, [tables, role.map { Parameter.text($0, type: .name) } ?? Parameter.null]
    ).rows(by: RightColumn.self).map { row in
      RebuildRight(
        object: row.number(.object), isForeignKey: row.flag(.isForeignKey),
        objectName: row.string(.name),
        table: QualifiedName(schema: row.string(.schema), name: row.string(.table)),
        privilege: row.string(.privilege), target: row.string(.target),
        isGranted: row.flag(.isGranted), grantee: row.text(.grantee))
    }
  }

  private enum RightColumn: String, ColumnList {
    case object = "w.oid::bigint"
    case isForeignKey = "w.is_key"
    case name = "w.name"
    case schema = "n.nspname"
    case table = "w.table_name"
    case privilege = "w.privilege"
    case target = "w.target"
    case isGranted = "w.granted"
    case grantee = "w.grantee"
  }

  /// `pg_depend` knows what is in an index's expressions and condition. Operator classes are in a
  /// definition only if they are not their type's default.
  private static let query = """
    WITH r AS (SELECT coalesce($2::name, current_user) AS role),
    index AS (
      SELECT i.indexrelid AS oid, x.relname AS name, x.relnamespace AS namespace,
        x.reltablespace AS space, t.relowner AS owner, t.relname AS table_name
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
        JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
      WHERE i.indrelid = ANY ($1::bigint[]::oid[])
    ), used AS (
      SELECT index.*, d.refclassid, d.refobjid FROM index JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = index.oid
    ), routine AS (
      SELECT u.*, p.oid AS routine, p.pronamespace AS place FROM used u
      JOIN pg_catalog.pg_proc p ON p.oid = CASE
        WHEN u.refclassid = 'pg_catalog.pg_proc'::regclass THEN u.refobjid
        WHEN u.refclassid = 'pg_catalog.pg_operator'::regclass
          THEN (SELECT o.oprcode FROM pg_catalog.pg_operator o WHERE o.oid = u.refobjid) END
    ), place AS (
      SELECT oid, name, table_name, namespace, namespace AS place, 'CREATE' AS privilege FROM index
      UNION
      SELECT u.oid, u.name, u.table_name, u.namespace, p.place, 'USAGE' FROM used u
      CROSS JOIN LATERAL (
        SELECT pronamespace AS place FROM pg_catalog.pg_proc
          WHERE u.refclassid = 'pg_catalog.pg_proc'::regclass AND oid = u.refobjid
        UNION ALL SELECT oprnamespace FROM pg_catalog.pg_operator
          WHERE u.refclassid = 'pg_catalog.pg_operator'::regclass AND oid = u.refobjid
        UNION ALL SELECT typnamespace FROM pg_catalog.pg_type
          WHERE u.refclassid = 'pg_catalog.pg_type'::regclass AND oid = u.refobjid
        UNION ALL SELECT collnamespace FROM pg_catalog.pg_collation
          WHERE u.refclassid = 'pg_catalog.pg_collation'::regclass AND oid = u.refobjid
        UNION ALL SELECT opcnamespace FROM pg_catalog.pg_opclass
          WHERE u.refclassid = 'pg_catalog.pg_opclass'::regclass AND oid = u.refobjid
            AND NOT opcdefault) p
    ), fk AS (
      SELECT c.oid, c.conname AS name, t.relname AS table_name, t.relnamespace AS namespace,
        c.conrelid, c.confrelid, c.confkey
      FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
      WHERE c.contype = 'f' AND (c.conrelid = ANY ($1::bigint[]::oid[])
        OR c.confrelid = ANY ($1::bigint[]::oid[]))
    ), fk_end AS (
      SELECT fk.oid, fk.name, fk.table_name, fk.namespace, e.oid AS relation, e.relname,
        e.relnamespace AS place, e.oid = fk.confrelid AS is_referenced, fk.confkey
      FROM fk JOIN pg_catalog.pg_class e ON e.oid IN (fk.conrelid, fk.confrelid)
    ), need AS (
      SELECT p.oid, false AS is_key, p.name, p.namespace, p.table_name, p.privilege,
        'SCHEMA ' || quote_ident(n.nspname) AS target,
        has_schema_privilege(r.role, n.oid, p.privilege) AS granted, NULL::text AS grantee
      FROM r, place p JOIN pg_catalog.pg_namespace n ON n.oid = p.place
      UNION ALL
      SELECT i.oid, false, i.name, i.namespace, i.table_name, 'CREATE',
        'TABLESPACE ' || quote_ident(s.spcname), has_tablespace_privilege(r.role, s.oid, 'CREATE'), NULL
      FROM r, index i JOIN pg_catalog.pg_tablespace s ON s.oid = i.space
      UNION ALL
      SELECT x.oid, false, x.name, x.namespace, x.table_name, 'EXECUTE',
        'FUNCTION ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '('
          || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
        has_function_privilege(x.owner, p.oid, 'EXECUTE'), x.owner::regrole::text
      FROM routine x JOIN pg_catalog.pg_proc p ON p.oid = x.routine
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      UNION ALL
      SELECT e.oid, true, e.name, e.namespace, e.table_name, 'USAGE',
        'SCHEMA ' || quote_ident(n.nspname), has_schema_privilege(r.role, n.oid, 'USAGE'), NULL
      FROM r, fk_end e JOIN pg_catalog.pg_namespace n ON n.oid = e.place
      UNION ALL
      SELECT e.oid, true, e.name, e.namespace, e.table_name, 'REFERENCES',
        quote_ident(n.nspname) || '.' || quote_ident(e.relname),
        has_table_privilege(r.role, e.relation, 'REFERENCES') OR (
          SELECT bool_and(has_column_privilege(r.role, e.relation, k, 'REFERENCES'))
          FROM unnest(e.confkey) k), NULL
      FROM r, fk_end e JOIN pg_catalog.pg_namespace n ON n.oid = e.place WHERE e.is_referenced
      UNION ALL
      -- The lock under which it is dropped: one of these three gives it.
      SELECT e.oid, true, e.name, e.namespace, e.table_name, 'UPDATE',
        quote_ident(n.nspname) || '.' || quote_ident(e.relname),
        has_table_privilege(r.role, e.relation, 'UPDATE')
          OR has_table_privilege(r.role, e.relation, 'DELETE')
          OR has_table_privilege(r.role, e.relation, 'TRUNCATE'), NULL
      FROM r, fk_end e JOIN pg_catalog.pg_namespace n ON n.oid = e.place
    )
    SELECT \(RightColumn.list)
    FROM need w JOIN pg_catalog.pg_namespace n ON n.oid = w.namespace
    ORDER BY n.nspname, w.table_name, w.name, w.privilege, w.target
    """
}
