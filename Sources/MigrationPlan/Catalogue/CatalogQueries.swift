import Postgres

/// The statements that read a database's catalogue, for PostgreSQL 12 to 18.
///
/// Each reads all tables at once. Lists of names come as JSON arrays, because a name may hold any
/// character that a separator could be.
package enum CatalogQueries {
  /// The statements for some tables of a schema, or for all: tables, columns, two that change the path, defaults,
  /// constraints, indexes, and one that changes the path back.
  ///
  /// Under an empty path the server qualifies the names that it prints.
  package static func all(schema: String, names: [String]?) -> String {
    let chosen = chosen(schema: schema, names: names)
    let oids = """
      ARRAY(SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE \(chosen))
      """
    return [
      tables(chosen), columns(of: oids),
      "SELECT set_config('migrate.path', current_setting('search_path'), true)",
      "SET LOCAL search_path = ''", defaults(of: oids), constraints(of: oids), indexes(of: oids),
      "SELECT set_config('search_path', current_setting('migrate.path'), true)",
    ].joined(separator: ";\n")
  }

  /// The condition of tables. A partition belongs to its parent, so it is listed only if named.
  private static func chosen(schema: String, names: [String]?) -> String {
    let list = names?.map(SQL.literal).joined(separator: ", ")
    let named = list.map {
      "c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname = ANY (ARRAY[\($0)]::text[])"
    }
    return "n.nspname = \(SQL.literal(schema)) AND "
      + (named ?? "c.relkind IN ('r', 'p') AND NOT c.relispartition")
  }

  private static func tables(_ chosen: String) -> String {
    """
    SELECT c.oid, n.nspname, c.relname,
      CASE WHEN c.relkind = 'p' THEN NULL ELSE nullif(c.reltuples, '-1')::bigint END,
      CASE WHEN c.relkind IN ('r', 'm', 'p') THEN pg_table_size(c.oid) ELSE 0 END,
      CASE WHEN c.relkind IN ('r', 'm', 'p') THEN pg_indexes_size(c.oid) ELSE 0 END,
      current_setting('server_version_num')::int < 140000 AND c.reltuples = '0' AND c.relpages = 0,
      c.relkind = 'r' AND c.relhassubclass,
      \(hidingPolicies(from: "current_user")),
      (SELECT coalesce(json_agg(r.ev_type::text || CASE WHEN r.is_instead THEN 'i' ELSE 'a' END || r.rulename
        ORDER BY r.rulename), '[]')
        FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_enabled IN ('O', 'A'))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE \(chosen)
    ORDER BY c.relname
    """
  }

  /// The policies that decide which rows of the table `c` a role sees, as a JSON array; null for a role that
  /// sees all of them. Without a policy that applies to it, a role sees no row.
  package static func hidingPolicies(from role: String) -> String {
    """
    CASE WHEN c.relrowsecurity
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = \(role)
          AND (rolsuper OR rolbypassrls))
        AND (c.relforcerowsecurity OR NOT pg_catalog.pg_has_role(\(role), c.relowner, 'USAGE'))
      THEN (SELECT coalesce(pg_catalog.json_agg(p.polname ORDER BY p.polname), '[]')
        FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND EXISTS (
          SELECT FROM pg_catalog.unnest(p.polroles) AS member(role)
          WHERE member.role = 0 OR pg_catalog.pg_has_role(\(role), member.role, 'USAGE'))) END
    """
  }

  /// The columns with their types, domains followed down to what is below them.
  ///
  /// Of the vectors no server takes the binary form in which it sends an empty one.
  private static func columns(of oids: String) -> String {
    """
    WITH RECURSIVE used AS (
      SELECT DISTINCT atttypid AS type FROM pg_attribute
      WHERE attrelid = ANY (\(oids)) AND attnum > 0 AND NOT attisdropped
    ), below AS (
      SELECT type, type AS base, -1 AS modifier, false AS not_null, false AS has_default FROM used
      UNION ALL
      SELECT b.type, t.typbasetype,
        CASE WHEN t.typtypmod <> -1 THEN t.typtypmod ELSE b.modifier END,
        b.not_null OR t.typnotnull, b.has_default OR t.typdefault IS NOT NULL
      FROM below b JOIN pg_type t ON t.oid = b.base WHERE t.typtype = 'd'
    )
    SELECT a.attrelid, a.attname, a.atttypid, format_type(a.atttypid, a.atttypmod),
      CASE WHEN a.atttypmod <> -1 THEN a.atttypmod ELSE b.modifier END,
      a.attnotnull OR b.not_null, a.atthasdef OR a.attidentity <> '' OR b.has_default,
      a.attgenerated <> '', a.attidentity, b.base, base.typname,
      e.oid, coalesce(e.typsend <> 0 AND e.typreceive <> 0 AND e.typtype <> 'c', true)
        AND base.typsend <> 0 AND base.typreceive <> 0 AND base.typtype <> 'c'
        AND NOT ARRAY[b.base, coalesce(e.oid, 0)] && '{oidvector, int2vector}'::regtype[]::oid[],
      (SELECT coalesce(json_agg(l.enumlabel ORDER BY l.enumsortorder), '[]') FROM pg_enum l
        WHERE l.enumtypid = coalesce(e.oid, b.base)),
      CASE WHEN b.base <> a.atttypid THEN format_type(b.base, b.modifier) END,
      coalesce(e.oid, b.base) >= 16384 AND coalesce(e.typtype, base.typtype) IN ('c', 'e', 'm', 'r'),
      (SELECT o.collisdeterministic FROM pg_catalog.pg_collation o WHERE o.oid = a.attcollation),
      CASE WHEN 'c' IN (base.typtype, e.typtype) THEN (\(fields(of: "coalesce(e.typrelid, base.typrelid)"))) END,
      CASE WHEN e.oid IS NOT NULL OR b.base >= \(OID.firstOfUser) OR b.base IN (\(PostgresType.databaseTypes))
        THEN (\(parts(of: "b.base"))) END
    FROM pg_attribute a
      JOIN below b ON b.type = a.atttypid
      JOIN pg_type base ON base.oid = b.base AND base.typtype <> 'd'
      LEFT JOIN pg_type e ON base.typcategory = 'A' AND e.oid = base.typelem
    WHERE a.attrelid = ANY (\(oids)) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attrelid, a.attnum
    """
  }

  /// The fields of a composite type as a JSON array, each with its type; below a field that is composite its own.
  private static func fields(of relation: String) -> String {
    """
    WITH RECURSIVE field AS (
      SELECT ARRAY[f.attnum] AS place, f.attname::text AS path, f.atttypid AS type, f.atttypmod AS modifier
      FROM pg_attribute f WHERE f.attrelid = \(relation) AND f.attnum > 0 AND NOT f.attisdropped
      UNION ALL
      SELECT above.place || f.attnum, above.path || '.' || f.attname, f.atttypid, f.atttypmod
      FROM field above JOIN pg_type t ON t.oid = above.type
        JOIN pg_type c ON c.typtype = 'c' AND c.oid = CASE WHEN t.typcategory = 'A' THEN t.typelem
          WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
        JOIN pg_attribute f ON f.attrelid = c.typrelid AND f.attnum > 0 AND NOT f.attisdropped
    )
    SELECT json_agg(path || ' ' || CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace
      THEN format_type(type, modifier) ELSE t.typname END ORDER BY place)
    FROM field JOIN pg_type t ON t.oid = type
    """
  }

  /// The types in a type of which values depend on the database, as a JSON array: each with the way to it.
  private static func parts(of type: String) -> String {
    """
    WITH RECURSIVE part AS (
      SELECT \(type) AS type, ARRAY[]::text[] COLLATE "C" AS path
      UNION ALL
      SELECT below.type, part.path || below.step FROM part JOIN pg_type t ON t.oid = part.type
        CROSS JOIN LATERAL (
          SELECT t.typbasetype, ARRAY[]::text[] WHERE t.typtype = 'd'
          UNION ALL SELECT t.typelem, ARRAY[''] WHERE t.typcategory = 'A' AND t.typtype <> 'd'
          UNION ALL SELECT f.atttypid, ARRAY[f.attname::text] FROM pg_attribute f
            WHERE t.typtype = 'c' AND f.attrelid = t.typrelid AND f.attnum > 0 AND NOT f.attisdropped
        ) below (type, step)
    )
    SELECT json_agg(jsonb_build_array(type::bigint) || to_jsonb(path))
    FROM part WHERE type IN (\(PostgresType.databaseTypes))
    """
  }

  private static func defaults(of oids: String) -> String {
    """
    SELECT d.adrelid, a.attname, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    WHERE d.adrelid = ANY (\(oids))
    """
  }

  /// The constraints. Since PostgreSQL 18 NOT NULL is one of them; columns have that already.
  ///
  /// A foreign key to a partitioned table has further entries, one for each partition: they are part of
  /// it, and a row need not be in every partition.
  private static func constraints(of oids: String) -> String {
    """
    SELECT c.conrelid, c.conname, c.contype, c.convalidated, c.condeferrable,
      pg_get_constraintdef(c.oid), \(names(of: "c.conkey", in: "c.conrelid")),
      rn.nspname, r.relname, \(names(of: "c.confkey", in: "c.confrelid"))
    FROM pg_constraint c
      LEFT JOIN pg_class r ON r.oid = c.confrelid
      LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
    WHERE c.conrelid = ANY (\(oids)) AND c.contype IN ('p', 'u', 'f', 'c', 'x')
      AND NOT EXISTS (SELECT FROM pg_constraint w
        WHERE w.oid = c.conparentid AND w.conrelid = c.conrelid)
    ORDER BY c.conrelid, c.conname
    """
  }

  private static func indexes(of oids: String) -> String {
    """
    SELECT i.indrelid, x.relname, pg_get_indexdef(i.indexrelid), i.indisunique,
      i.indisvalid AND i.indisready, i.indpred IS NOT NULL, i.indexprs IS NOT NULL,
      i.indisprimary, k.conname,
      (SELECT coalesce(json_agg(a.attname ORDER BY p.place), '[]')
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY p(number, place)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = p.number
        WHERE p.place <= i.indnkeyatts)
    FROM pg_index i
      JOIN pg_class x ON x.oid = i.indexrelid
      LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid
        AND k.contype IN ('p', 'u', 'x')
    WHERE i.indrelid = ANY (\(oids))
    ORDER BY i.indrelid, x.relname
    """
  }

  private static func names(of numbers: String, in table: String) -> String {
    """
    (SELECT coalesce(json_agg(a.attname ORDER BY p.place), '[]')
      FROM unnest(\(numbers)) WITH ORDINALITY p(number, place)
        JOIN pg_attribute a ON a.attrelid = \(table) AND a.attnum = p.number)
    """
  }
}
