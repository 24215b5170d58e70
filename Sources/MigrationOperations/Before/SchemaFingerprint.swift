import MigrationBasics
import Postgres

/// All that the catalogue says of a schema's objects, as one digest: equal for equal schemas.
struct SchemaFingerprint: Hashable, CustomStringConvertible {
  let objects: Int
  let digest: String

  var description: String { "\(CountText.of(objects, "object")), \(digest.prefix(12))" }

  init(of schema: String, _ connection: Connection) throws {
    let found = try connection.query(Self.question, [schema])
    (objects, digest) = (found.int(0, 0) ?? 0, found.text(0, 1) ?? "")
  }

  private static let question = """
    WITH space AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1),
    words AS (
      SELECT concat_ws(' ', 'relation', c.relkind, c.relname, c.relpersistence) AS word
      FROM pg_catalog.pg_class c WHERE c.relnamespace IN (SELECT oid FROM space)
      UNION ALL
      SELECT concat_ws(' ', 'column', c.relname, a.attname, a.attnum,
        format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
        pg_get_expr(d.adbin, d.adrelid))
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
        LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
      WHERE c.relnamespace IN (SELECT oid FROM space) AND c.relkind IN ('r', 'p', 'v', 'm')
        AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL
      SELECT concat_ws(' ', 'constraint', k.conrelid::regclass, k.conname,
        pg_get_constraintdef(k.oid), k.convalidated)
      FROM pg_catalog.pg_constraint k WHERE k.connamespace IN (SELECT oid FROM space)
      UNION ALL
      SELECT 'index ' || indexdef FROM pg_catalog.pg_indexes WHERE schemaname = $1
      UNION ALL
      SELECT concat_ws(' ', 'type', t.typname, t.typtype, (SELECT string_agg(e.enumlabel, ',' ORDER BY
        e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid))
      FROM pg_catalog.pg_type t
      WHERE t.typnamespace IN (SELECT oid FROM space) AND t.typtype IN ('e', 'd', 'r')
      UNION ALL
      SELECT pg_get_functiondef(p.oid) FROM pg_catalog.pg_proc p
      WHERE p.pronamespace IN (SELECT oid FROM space) AND p.prokind IN ('f', 'p')
      UNION ALL
      SELECT pg_get_triggerdef(g.oid) FROM pg_catalog.pg_trigger g
        JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid
      WHERE c.relnamespace IN (SELECT oid FROM space) AND NOT g.tgisinternal)
    SELECT count(*), md5(coalesce(string_agg(word, chr(10) ORDER BY word COLLATE "C"), '')) FROM words
    """
}
