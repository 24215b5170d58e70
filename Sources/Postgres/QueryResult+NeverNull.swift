extension QueryResult.Row {
  /// Returns an integer of a column that is never null.
  package func number(_ column: Int) -> Int { int(column) ?? 0 }

  /// Returns a text of a column that is never null.
  package func string(_ column: Int) -> String { text(column) ?? "" }

  /// Returns a boolean; false for null.
  package func flag(_ column: Int) -> Bool { bool(column) ?? false }
}

extension QueryResult {
  /// Returns a text of the first row; nil if there is none.
  package func text(fromFirstRow column: Int) -> String? { rows.first?.text(column) }
}
