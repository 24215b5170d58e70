/// A constraint of a live table, with the words that would make it again.
package struct PostgresConstraint: Sendable, Hashable {
  /// The kinds of constraint, by the letter that the catalogue has for them.
  package enum Kind: String, Sendable, CaseIterable {
    case primaryKey = "p"
    case unique = "u"
    case foreignKey = "f"
    case check = "c"
    case exclusion = "x"
  }

  package let name: String
  package let kind: Kind
  package let columns: [String]
  /// What follows `ADD CONSTRAINT name`, with every name schema-qualified.
  package let definition: String
  /// False for a constraint that was added as `NOT VALID`: older rows may break it.
  package let isValidated: Bool
  package let isDeferrable: Bool

  package init(
    name: String, kind: Kind, columns: [String], definition: String, isValidated: Bool = true,
    isDeferrable: Bool = false
  ) {
    (self.name, self.kind, self.columns) = (name, kind, columns)
    (self.definition, self.isValidated) = (definition, isValidated)
    self.isDeferrable = isDeferrable
  }
}

/// An index of a live table, with the statement that would make it again.
package struct PostgresIndex: Sendable, Hashable {
  package let name: String
  /// The key columns in order, without those of `INCLUDE`; empty if one is an expression.
  package let columns: [String]
  /// The whole `CREATE INDEX`, with every name schema-qualified.
  package let definition: String
  package let isUnique: Bool
  /// False if a concurrent build was broken off: the server keeps the index up and never uses it.
  package let isValid: Bool
  /// Whether the index has a condition.
  package let isPartial: Bool
  /// The constraint that the index serves, which makes and drops it.
  package let constraint: String?

  package init(
    name: String, columns: [String], definition: String, isUnique: Bool = false,
    isValid: Bool = true, isPartial: Bool = false, constraint: String? = nil
  ) {
    (self.name, self.columns, self.definition) = (name, columns, definition)
    (self.isUnique, self.isValid, self.isPartial) = (isUnique, isValid, isPartial)
    self.constraint = constraint
  }

  /// Whether the index makes its columns' values unique in all rows.
  package var isUniqueKey: Bool { isUnique && isValid && !isPartial && !columns.isEmpty }
}

/// How much there is of a table, as the server last counted it.
package struct TableSize: Sendable, Hashable {
  /// The planner's estimate; nil if the table was never analysed or vacuumed.
  package let estimatedRows: Int?
  /// The bytes of the table and its oversized values on disk.
  package let tableBytes: Int
  package let indexBytes: Int

  package init(estimatedRows: Int?, tableBytes: Int, indexBytes: Int) {
    (self.estimatedRows, self.tableBytes) = (estimatedRows, tableBytes)
    self.indexBytes = indexBytes
  }
}
