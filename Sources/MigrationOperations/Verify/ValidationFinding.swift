import MigrationBasics
import MigrationPlan

/// One thing that a validation found: where, what was expected, what is there.
package struct ValidationFinding: Sendable, Hashable {
  package let severity: FindingSeverity
  package let code: ErrorCode
  /// Empty if it is about no table.
  package let table: String
  package let column: String?
  package let what: String
  /// How many rows.
  package let count: Int
  /// The keys of some of them.
  package let examples: [String]
  /// What finds all of them.
  package let sql: String?
  package let remedy: String

  package init(
    _ severity: FindingSeverity, _ code: ErrorCode, table: String, column: String? = nil,
    _ what: String,
    count: Int = 1, examples: [String] = [], sql: String? = nil, remedy: String
  ) {
    (self.severity, self.code, self.table, self.column) = (severity, code, table, column)
    (self.what, self.count, self.examples) = (what, count, examples)
    (self.sql, self.remedy) = (sql, remedy)
  }

  package var json: JSONValue {
    [
      "severity": .text(severity.rawValue), "code": .text(code.rawValue),
      "table": .optional(table.isEmpty ? nil : table),
      "column": .optional(column), "what": .text(what), "count": .int(count),
      "examples": .array(examples.map(JSONValue.text)), "sql": .optional(sql),
      "remedy": .text(remedy),
    ]
  }
}

/// A difference between one field of the target and what the plan makes of its source.
package struct FieldMismatch: Sendable, Hashable {
  package let table: String
  package let key: String
  package let column: String
  package let expected: String?
  package let found: String?

  package var json: JSONValue {
    [
      "table": .text(table), "key": .text(key), "column": .text(column),
      "expected": .optional(expected), "found": .optional(found),
    ]
  }
}
