extension PostgresType {
  /// Whether values represent objects of their database, whose numbers mean others elsewhere.
  package var namesObjects: Bool { Self.objectTypes.contains(elementOID ?? baseOID) }

  /// regproc, regprocedure, regoper, regoperator, regclass, regtype, regconfig, regdictionary, regnamespace,
  /// regrole, regcollation.
  private static let objectTypes: Set<UInt32> = [
    24, 2202, 2203, 2204, 2205, 2206, 3734, 3769, 4089, 4096, 4191,
  ]

  /// The types whose values depend on the database, as SQL lists them.
  static let databaseTypes = (objectTypes.sorted() + [OID.oid, OID.money]).map(String.init)
    .joined(separator: ", ")

  /// The catalogue that has the objects which values of a type represent; nil for other types.
  package static func catalogue(ofObjects type: UInt32) -> String? { naming(type)?.catalog }

  /// Returns the name of the object that a value represents, with its schema, so that it means the same under
  /// every search path; nil for other types.
  ///
  /// An object that is not there has its number as a name, which no other database takes for a number.
  package func objectName(of expression: String) -> String? {
    guard elementOID == nil, let named = Self.naming(baseOID) else { return nil }
    return """
      CASE WHEN \(expression)::oid = 0 THEN '\(Self.isOperator(baseOID) ? "0" : "-")' WHEN \(expression) IS NOT NULL THEN coalesce(\
      (SELECT \(named.name) FROM pg_catalog.\(named.catalog) o \
      \(named.schema.map { "JOIN pg_catalog.pg_namespace n ON n.oid = o.\($0) " } ?? "")\
      WHERE o.oid = \(expression)::oid), '"' || \(expression)::oid || '"') END
      """
  }

  /// Operators may be called "-", so that the server writes 0 for none.
  private static func isOperator(_ oid: UInt32) -> Bool { oid == 2203 || oid == 2204 }

  private static func naming(
    _ oid: UInt32
  ) -> (name: String, catalog: String, schema: String?)? {
    func plain(_ name: String) -> String { "pg_catalog.format('%I.%I', n.nspname, o.\(name))" }
    func identity(_ catalog: String) -> String {
      "(pg_catalog.pg_identify_object('pg_catalog.\(catalog)'::pg_catalog.regclass, o.oid, 0)).identity"
    }
    return switch oid {
    case 24: (plain("proname"), "pg_proc", "pronamespace")
    case 2202: (identity("pg_proc"), "pg_proc", nil)
    case 2203: ("pg_catalog.format('%I.%s', n.nspname, o.oprname)", "pg_operator", "oprnamespace")
    case 2204: (identity("pg_operator"), "pg_operator", nil)
    case 2205: (plain("relname"), "pg_class", "relnamespace")
    case 2206: (identity("pg_type"), "pg_type", nil)
    case 3734: (plain("cfgname"), "pg_ts_config", "cfgnamespace")
    case 3769: (plain("dictname"), "pg_ts_dict", "dictnamespace")
    case 4089: ("pg_catalog.quote_ident(o.nspname)", "pg_namespace", nil)
    case 4096: ("pg_catalog.quote_ident(o.rolname)", "pg_roles", nil)
    case 4191: (plain("collname"), "pg_collation", "collnamespace")
    default: nil
    }
  }
}
