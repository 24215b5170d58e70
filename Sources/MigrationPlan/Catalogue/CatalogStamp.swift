import Postgres

/// A short text for what a database's catalog says of a table: it changes with the table's definition.
///
/// It costs the server a few index look-ups, and tells whether a definition that was read before is still true.
package enum CatalogStamp {
  /// The SQL expression for the stamp of a table; null if there is none of that name.
  ///
  /// Every change of a definition writes new rows into the catalog. What statistics change, the server writes
  /// into the rows that are there.
  package static func expression(_ table: QualifiedName) throws(IdentifierError) -> String {
    """
    (SELECT md5(concat_ws('|', c.oid, c.xmin,
        \(rows("pg_attribute r WHERE r.attrelid = c.oid", by: "r.attnum")),
        \(rows("pg_attrdef r WHERE r.adrelid = c.oid", by: "r.oid")),
        \(rows("pg_constraint r WHERE r.conrelid = c.oid", by: "r.oid")),
        \(rows("pg_index r WHERE r.indrelid = c.oid", by: "r.indexrelid")),
        \(rows("pg_rewrite r WHERE r.ev_class = c.oid", by: "r.oid")),
        \(rows("pg_policy r WHERE r.polrelid = c.oid", by: "r.oid")),
        \(rows(owned, by: "r.objid")), \(rows(types, by: "r.oid")), \(rows(labels, by: "r.oid"))))
      FROM pg_catalog.pg_class c WHERE c.oid = to_regclass(\(SQL.literal(try table.quoted())))::oid)
    """
  }

  private static func rows(_ source: String, by key: String) -> String {
    "(SELECT string_agg(concat_ws(',', \(key), r.xmin), ' ' ORDER BY \(key)) FROM pg_catalog.\(source))"
  }

  /// What belongs to columns, such as the sequence of a serial.
  private static let owned = """
    pg_depend r WHERE r.refclassid = 'pg_catalog.pg_class'::regclass AND r.refobjid = c.oid
      AND r.classid = 'pg_catalog.pg_class'::regclass AND r.deptype IN ('a', 'i')
    """

  private static let types = """
    pg_type r WHERE r.oid IN (SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid)
    """

  private static let labels = """
    pg_enum r WHERE r.enumtypid IN (SELECT unnest(ARRAY[y.oid, y.typelem, y.typbasetype])
      FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid = a.atttypid WHERE a.attrelid = c.oid)
    """
}
