import MigrationPlan

extension PostgresColumn {
  /// The name of the type, and whether the collation takes different texts for equal.
  package var typeWithCollation: String {
    type.name + (isDeterministic ? "" : " of a nondeterministic collation")
  }

  /// Whether values of the column are equal exactly where their bytes are.
  ///
  /// Not those of citext, nondeterministic collations, floating point numbers, padded text, jsonb and types
  /// that only the server understands: a duplicate among these is for the server to find.
  package var isEqualByBytes: Bool {
    guard isDeterministic, let form = TargetType(type)?.form else { return false }
    switch form {
    case .float4, .float8, .padded, .json, .jsonb, .array, .raw, .foreign: return false
    case .text: return type.baseName != "citext"
    default: return true
    }
  }
}

extension PostgresTable {
  /// Whether only the server can decide which rows have the same values in a unique set.
  func isJudgedByServer(_ set: [String]) -> Bool {
    let isByBytes = set.allSatisfy { self[$0]?.isEqualByBytes == true }
    return !isByBytes
      || indexes.contains {
        $0.isUniqueKey && Set($0.columns) == Set(set) && $0.hasEqualityOfItsOwn
      }
  }
}

extension PostgresIndex {
  /// Whether the index may take values for equal that differ in their bytes, or nulls.
  var hasEqualityOfItsOwn: Bool {
    definition.contains(" NULLS NOT DISTINCT") || definition.contains(" COLLATE ")
  }
}
