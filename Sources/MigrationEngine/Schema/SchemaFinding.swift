/// A difference between the schema that the files describe and a live one.
package struct SchemaFinding: Sendable, Hashable {
  /// What differs.
  package enum Kind: String, Sendable, CaseIterable {
    case tableMissing, columnMissing, typeDiffers, nullabilityDiffers, defaultDiffers
    case identityDiffers, generationDiffers
    case constraintMissing, constraintDiffers
    /// A constraint that was added as `NOT VALID`, so that older rows may break it.
    case constraintNotValidated
    case indexMissing, indexDiffers
    /// An index that the server keeps up and never uses, after a broken concurrent build.
    case indexInvalid
    /// An index or constraint that a load has suspended and will build again.
    case setAside
    /// A column that the files don't know.
    case columnUnknown
    case constraintUnknown, indexUnknown
  }

  /// Whether a migration can run in spite of it.
  package enum Severity: String, Sendable { case error, warning }

  package let kind: Kind
  package let severity: Severity
  package let table: String
  /// The column, constraint or index; nil for the table itself.
  package let object: String?
  package let expected: String?
  package let found: String?

  init(
    _ kind: Kind, _ severity: Severity = .error, table: String, object: String? = nil,
    expected: String? = nil, found: String? = nil
  ) {
    (self.kind, self.severity, self.table) = (kind, severity, table)
    (self.object, self.expected, self.found) = (object, expected, found)
  }
}

extension SchemaFinding: CustomStringConvertible {
  /// The finding as a sentence, such as `products.unit_price: type is text, not numeric(10,2)`.
  package var description: String {
    let place = object.map { "\(table).\($0)" } ?? table
    return "\(place): \(words)"
  }

  private var words: String {
    let (expected, found) = (expected ?? "none", found ?? "none")
    return switch kind {
    case .tableMissing: "the table is missing"
    case .columnMissing: "the column is missing (\(expected))"
    case .typeDiffers: "type is \(found), not \(expected)"
    case .nullabilityDiffers: "column is \(found), not \(expected)"
    case .defaultDiffers: "default is \(found), not \(expected)"
    case .identityDiffers: "identity is \(found), not \(expected)"
    case .generationDiffers: "column is \(found), not \(expected)"
    case .constraintMissing: "the constraint is missing (\(expected))"
    case .constraintDiffers: "constraint is \(found), not \(expected)"
    case .constraintNotValidated:
      "the constraint is NOT VALID: older rows may break it (\(expected))"
    case .indexMissing: "the index is missing (\(expected))"
    case .indexDiffers: "index is \(found), not \(expected)"
    case .indexInvalid: "the index is invalid: drop and rebuild it (\(expected))"
    case .setAside: "suspended for a load, not yet rebuilt (\(expected))"
    case .columnUnknown: "the column is not in the schema files (\(found))"
    case .constraintUnknown: "the constraint is not in the schema files (\(found))"
    case .indexUnknown: "the index is not in the schema files (\(found))"
    }
  }
}
