import MigrationPlan

extension Feed {
  /// Whether blanks at the end of a source column that is `bpchar` without a length are carried over: where the
  /// column only goes as it is into columns that can hold them.
  package func keepsBlanks(of column: PostgresColumn, into target: PostgresTable) -> Bool {
    guard column.type.isBlankKeeping else { return false }
    let users = columns.filter { $0.rule.sourceColumns.contains(column.name) }
    return users.allSatisfy { user in
      guard case .source([column.name]) = user.rule, let type = target[user.column]?.type else {
        return false
      }
      return type.isBlankKeeping || WireForm(type) == .text
    }
  }
}
