import Postgres

/// A column of a live PostgreSQL table, as its catalogue describes it.
package struct PostgresColumn: Sendable, Hashable {
  package let name: String
  package let type: PostgresType
  package let isNotNull: Bool
  /// Whether the server fills the column if a row does not: a default, an identity, a generated value.
  package let hasDefault: Bool
  /// Whether the column can't be written: `GENERATED ALWAYS AS (…) STORED`.
  package let isGenerated: Bool
  /// The SQL of the default or of the generated value, with every name schema-qualified.
  package let defaultExpression: String?
  /// How the server numbers the column's rows; nil if it does not.
  package let identity: Identity?
  /// Whether the column's collation takes texts for equal only if their bytes are.
  package let isDeterministic: Bool

  /// The two forms of `GENERATED … AS IDENTITY`.
  package enum Identity: String, Sendable, CaseIterable {
    case always = "a"
    case byDefault = "d"
  }

  package init(
    name: String, type: PostgresType, isNotNull: Bool = false, hasDefault: Bool = false,
    isGenerated: Bool = false, defaultExpression: String? = nil, identity: Identity? = nil,
    isDeterministic: Bool = true
  ) {
    self.isDeterministic = isDeterministic
    (self.name, self.type, self.isNotNull) = (name, type, isNotNull)
    (self.hasDefault, self.isGenerated) = (hasDefault, isGenerated)
    (self.defaultExpression, self.identity) = (defaultExpression, identity)
  }
}

/// A PostgreSQL type with its modifier, such as `numeric(12,2)`.
package struct PostgresType: Sendable, Hashable {
  package let oid: UInt32
  /// As `format_type` writes it, with the modifier: `character varying(50)`.
  package let name: String
  /// `atttypmod`, of a domain that of the type below; -1 where there is none.
  package let modifier: Int32
  /// The type below a domain, or the type itself.
  package let baseOID: UInt32
  /// The element's type, for an array.
  package let elementOID: UInt32?
  /// The labels in order, for an enum or an array of one.
  package let labels: [String]
  /// Whether the type has binary send and receive functions.
  package let hasBinaryForm: Bool
  /// The bare name of the type below a domain, such as `citext`, whose number differs by database.
  package let baseName: String
  /// The type below a domain as `format_type` writes it; nil for a type that is no domain.
  package let belowDomain: String?
  /// Whether any role can have made the type: an enum, a composite or a range, or an array of one.
  package let isOfUsers: Bool
  /// The fields of a composite type, or of an array of one, with their types; those of fields in fields too.
  package let fields: [String]
  /// What in its values means something else in another database.
  package let parts: [TypePart]

  /// Whether the type takes no value from anybody: pg_node_tree, gtsvector, statistics of any kind.
  package var isForServerAlone: Bool {
    [194, 3361, 3402, 3642, 4600, 4601, 5017].contains(baseOID)
  }

  /// Returns an operator between two values of the type.
  ///
  /// Types of the system, enums and arrays have theirs in the catalogue, where another schema's
  /// operator of the same name must not be found first. Types of extensions have their own.
  package func sign(_ sign: String) -> String {
    let firstNormalNumber: UInt32 = 16384
    let isOfSystem = baseOID < firstNormalNumber || !labels.isEmpty || elementOID != nil
    return isOfSystem ? "OPERATOR(pg_catalog.\(sign))" : sign
  }

  /// The type of values that are compared, for which a domain's checks need not run.
  package var nameBelowDomain: String { belowDomain ?? name }

  /// Returns the text of a value, as the server sends it.
  ///
  /// Whoever made a type may have given it casts, which would be called along any search path.
  package func text(of value: String) -> String {
    SQL.text(of: value, bySendingFunction: isOfUsers || isBlankKeeping)
  }

  /// Whether the type is `bpchar` without a length: blanks at the end of its values are no padding, and a
  /// cast to text takes them off.
  package var isBlankKeeping: Bool { baseOID == OID.bpchar && modifier < 0 }

  /// Returns a value as JSON takes it; casts of enums and ranges to JSON would be called else.
  ///
  /// A composite's members are checked by the server one by one.
  func jsonValue(of value: String) -> String {
    guard isOfUsers, hasBinaryForm else { return value }
    return elementOID == nil ? text(of: value) : "(\(text(of: value)))::text[]"
  }

  /// The labels of the type itself: none for an array.
  package var ownLabels: [String] { elementOID == nil ? labels : [] }

  package init(
    oid: UInt32, name: String, modifier: Int32 = -1, baseOID: UInt32? = nil,
    elementOID: UInt32? = nil, labels: [String] = [], hasBinaryForm: Bool = true,
    baseName: String? = nil, belowDomain: String? = nil, isOfUsers: Bool = false,
    fields: [String] = [], parts: [TypePart] = []
  ) {
    (self.isOfUsers, self.fields, self.parts) = (isOfUsers, fields, parts)
    self.belowDomain = belowDomain
    self.baseName = baseName ?? name
    (self.oid, self.name, self.modifier) = (oid, name, modifier)
    (self.baseOID, self.elementOID) = (baseOID ?? oid, elementOID)
    (self.labels, self.hasBinaryForm) = (labels, hasBinaryForm)
  }
}

/// A live table: its columns, keys and what refers to what.
package struct PostgresTable: Sendable, Hashable {
  package struct ForeignKey: Sendable, Hashable {
    package let name: String
    package let columns: [String]
    package let referencedTable: String
    package let referencedColumns: [String]
    /// The schema of the referenced table; nil if it was not read from a database.
    package let referencedSchema: String?

    package init(
      name: String, columns: [String], referencedTable: String, referencedColumns: [String],
      referencedSchema: String? = nil
    ) {
      self.referencedSchema = referencedSchema
      (self.name, self.columns) = (name, columns)
      (self.referencedTable, self.referencedColumns) = (referencedTable, referencedColumns)
    }
  }
  package let schema: String
  package let name: String
  package let columns: [PostgresColumn]
  package let primaryKey: [String]
  /// The column sets of unique indexes and constraints without conditions or expressions, besides
  /// the primary key.
  package let unique: [[String]]
  package let foreignKeys: [ForeignKey]
  /// Every constraint, keys and foreign keys among them.
  package let constraints: [PostgresConstraint]
  /// Every index, those of constraints among them.
  package let indexes: [PostgresIndex]
  /// How much there is of the table; nil if it was not read from a database.
  package let size: TableSize?
  /// Whether other tables inherit from it; partitions do not count, which obey the keys of the whole.
  package let hasHeirs: Bool
  /// The policies by which row-level security hides rows from the connection's role; nil if it sees all.
  package let hidingPolicies: [String]?
  /// The rules (`CREATE RULE`) that are switched on.
  package let rules: [TableRule]

  package init(
    schema: String, name: String, columns: [PostgresColumn], primaryKey: [String],
    unique: [[String]] = [], foreignKeys: [ForeignKey] = [],
    constraints: [PostgresConstraint] = [], indexes: [PostgresIndex] = [],
    size: TableSize? = nil, hasHeirs: Bool = false, hidingPolicies: [String]? = nil,
    rules: [TableRule] = []
  ) {
    self.rules = rules
    self.hidingPolicies = hidingPolicies
    (self.constraints, self.indexes, self.size) = (constraints, indexes, size)
    self.hasHeirs = hasHeirs
    (self.schema, self.name, self.columns) = (schema, name, columns)
    (self.primaryKey, self.unique, self.foreignKeys) = (primaryKey, unique, foreignKeys)
  }

  package subscript(column: String) -> PostgresColumn? { columns.first { $0.name == column } }

  /// What queries name the table's own rows by: without those of tables that inherit from it, and with those of
  /// its partitions.
  package func ownRows() throws(IdentifierError) -> String {
    (hasHeirs ? "ONLY " : "") + (try SQL.identifier(schema: schema, name))
  }
}

extension PostgresTable {
  /// The primary key of a row as one text, or the row's place if there is none.
  package func keyText(_ alias: String) throws(IdentifierError) -> String {
    guard !primaryKey.isEmpty else { return "\(alias).ctid::text" }
    var columns: [String] = []
    for name in primaryKey { columns.append(try text(of: name, alias)) }
    return columns.count == 1
      ? columns[0] : "pg_catalog.concat_ws(', ', \(columns.joined(separator: ", ")))"
  }
}

extension PostgresTable {
  /// Returns the expression for a row as one JSON object.
  package func rowJSON(_ alias: String) throws(IdentifierError) -> String {
    var list: [String] = []
    for column in columns {
      let name = try SQL.identifier(column.name)
      list.append("\(column.type.jsonValue(of: "\(alias).\(name)")) AS \(name)")
    }
    return "(SELECT pg_catalog.to_jsonb(r.*) FROM (SELECT \(list.joined(separator: ", "))) r)"
  }

  /// Returns the arguments of `jsonb_build_object` for some columns of a row.
  package func jsonPairs(_ names: [String], _ alias: String) throws(IdentifierError) -> String {
    var pairs: [String] = []
    for name in names {
      let column = "\(alias).\(try SQL.identifier(name))"
      pairs.append("\(SQL.literal(name)), \(self[name]?.type.jsonValue(of: column) ?? column)")
    }
    return pairs.joined(separator: ", ")
  }

  /// Returns the text of a column of a row.
  package func text(of name: String, _ alias: String) throws(IdentifierError) -> String {
    let column = "\(alias).\(try SQL.identifier(name))"
    return self[name]?.type.text(of: column) ?? column + "::text"
  }
}
