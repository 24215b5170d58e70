import MigrationBasics
import Postgres

/// Whether a role can read all of a database, which a backup needs: asked for before pg_dump begins, which
/// names only the first thing that it can't read.
struct BackupRights {
  let connection: Connection
  let contents: BackupManifest.Contents

  /// - Throws: what the role can't read, and the statements that let it.
  func require() throws {
    let found = try connection.query(Self.unreadable, [read])
    guard let first = found.rows.first else { return }
    let names = found.rows.prefix(5).map { "\($0.string(0)) \($0.string(1))" }
    let role = try SQL.identifier(connection.facts.user)
    let grants = Set(found.rows.map { "\($0.string(2)) \(role)\($0.string(3))" }).sorted()
    throw MigrationError(
      .configuration,
      "a backup reads the whole database, and role \(connection.facts.user) cannot read "
        + names.joined(separator: ", ")
        + (found.rowCount > names.count ? " and \(found.rowCount - names.count) more" : ""),
      reason: "permission", place: "\(connection.facts.database), \(first.string(1))",
      remedy:
        "have an administrator run: \(grants.joined(separator: "; ")); or create the backup as a role "
        + "that can read everything")
  }

  /// The kinds of what is read: of definitions alone, neither rows nor sequences are.
  private var read: [String] {
    let kinds = ["schema", "table"]
    switch contents {
    case .schema: return kinds
    case .tables: return kinds + ["sequence"]
    default: return kinds + ["sequence", "large object", "all rows of"]
    }
  }

  /// Kind, name, and the two ends of a GRANT around the role for each thing that can't be read.
  private static let unreadable = """
    WITH users AS (
      SELECT oid, nspname, pg_catalog.quote_ident(nspname) AS schema FROM pg_catalog.pg_namespace
      WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
    relations AS (
      SELECT c.oid, c.relkind, n.oid AS namespace, n.schema,
        n.schema || '.' || pg_catalog.quote_ident(c.relname) AS name
      FROM pg_catalog.pg_class c JOIN users n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't'
        AND (EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE c.oid = ANY (e.extconfig))
          OR NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid
            AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = 'e'))),
    missing (kind, name, start, rest) AS (
    SELECT 'schema', n.schema, 'GRANT USAGE ON SCHEMA ' || n.schema || ' TO', '' FROM users n
      WHERE NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        AND EXISTS (SELECT FROM relations r WHERE r.namespace = n.oid)
    UNION ALL SELECT 'table', name, 'GRANT SELECT ON ALL TABLES IN SCHEMA ' || schema || ' TO', ''
      FROM relations WHERE relkind <> 'S' AND NOT pg_catalog.has_table_privilege(oid, 'SELECT')
    UNION ALL SELECT 'sequence', name, 'GRANT SELECT ON ALL SEQUENCES IN SCHEMA ' || schema || ' TO', ''
      FROM relations WHERE CASE relkind WHEN 'S' THEN NOT pg_catalog.has_sequence_privilege(oid, 'SELECT') END
    UNION ALL SELECT 'all rows of', name, 'ALTER ROLE', ' BYPASSRLS'
      FROM relations WHERE relkind <> 'S' AND pg_catalog.row_security_active(oid)
    UNION ALL SELECT 'large object', m.oid::text,
      'GRANT SELECT ON LARGE OBJECT ' || m.oid || ' TO', ''
      FROM pg_catalog.pg_largeobject_metadata m
      WHERE NOT pg_catalog.pg_has_role(m.lomowner, 'USAGE') AND NOT EXISTS (
        SELECT FROM pg_catalog.aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT'
          AND CASE a.grantee WHEN 0 THEN true ELSE pg_catalog.pg_has_role(a.grantee, 'USAGE') END)
    )
    SELECT kind, name, start, rest FROM missing WHERE kind = ANY ($1) ORDER BY kind, name
    """
}
