/// A column of a live PostgreSQL table, as its catalogue describes it.
public struct PostgresColumn: Sendable, Hashable {
  public let name: String
  public let type: PostgresType
  public let isNotNull: Bool
  /// Whether the server fills the column where a row does not: a default, an identity, a generated value.
  public let hasDefault: Bool
  /// Whether the column can't be written: `GENERATED ALWAYS AS (…) STORED`.
  public let isGenerated: Bool

  public init(
    name: String, type: PostgresType, isNotNull: Bool = false, hasDefault: Bool = false,
    isGenerated: Bool = false
  ) {
    (self.name, self.type, self.isNotNull) = (name, type, isNotNull)
    (self.hasDefault, self.isGenerated) = (hasDefault, isGenerated)
  }
}

/// A PostgreSQL type with its modifier, such as `numeric(12,2)`.
public struct PostgresType: Sendable, Hashable {
  public let oid: UInt32
  /// As `format_type` writes it, with the modifier: `character varying(50)`.
  public let name: String
  /// `atttypmod`; -1 where there is none.
  public let modifier: Int32
  /// The type below a domain, or the type itself.
  public let baseOID: UInt32
  /// The element's type, for an array.
  public let elementOID: UInt32?
  /// The labels in order, for an enum.
  public let labels: [String]
  /// Whether the type has binary send and receive functions.
  public let hasBinaryForm: Bool

  public init(
    oid: UInt32, name: String, modifier: Int32 = -1, baseOID: UInt32? = nil,
    elementOID: UInt32? = nil, labels: [String] = [], hasBinaryForm: Bool = true
  ) {
    (self.oid, self.name, self.modifier) = (oid, name, modifier)
    (self.baseOID, self.elementOID) = (baseOID ?? oid, elementOID)
    (self.labels, self.hasBinaryForm) = (labels, hasBinaryForm)
  }
}

/// A live table: its columns, keys and what refers to what.
public struct PostgresTable: Sendable, Hashable {
  public struct ForeignKey: Sendable, Hashable {
    public let name: String
    public let columns: [String]
    public let referencedTable: String
    public let referencedColumns: [String]

    public init(
      name: String, columns: [String], referencedTable: String, referencedColumns: [String]
    ) {
      (self.name, self.columns) = (name, columns)
      (self.referencedTable, self.referencedColumns) = (referencedTable, referencedColumns)
    }
  }
  public let schema: String
  public let name: String
  public let columns: [PostgresColumn]
  public let primaryKey: [String]
  /// The column sets of unique indexes and constraints without conditions or expressions, besides
  /// the primary key.
  public let unique: [[String]]
  public let foreignKeys: [ForeignKey]

  public init(
    schema: String, name: String, columns: [PostgresColumn], primaryKey: [String],
    unique: [[String]] = [], foreignKeys: [ForeignKey] = []
  ) {
    (self.schema, self.name, self.columns) = (schema, name, columns)
    (self.primaryKey, self.unique, self.foreignKeys) = (primaryKey, unique, foreignKeys)
  }

  public subscript(column: String) -> PostgresColumn? { columns.first { $0.name == column } }
}
