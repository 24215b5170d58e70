/// One thing that a validation found: where, what was expected, what is there.
public struct ValidationFinding: Sendable, Hashable {
  public let severity: FindingSeverity
  public let code: ErrorCode
  /// Empty where it is about no table.
  public let table: String
  public let column: String?
  public let what: String
  /// How many rows.
  public let count: Int
  /// The keys of some of them.
  public let examples: [String]
  /// What finds all of them.
  public let sql: String?
  public let remedy: String

  public init(
    _ severity: FindingSeverity, _ code: ErrorCode, table: String, column: String? = nil,
    _ what: String,
    count: Int = 1, examples: [String] = [], sql: String? = nil, remedy: String
  ) {
    (self.severity, self.code, self.table, self.column) = (severity, code, table, column)
    (self.what, self.count, self.examples) = (what, count, examples)
    (self.sql, self.remedy) = (sql, remedy)
  }

  public var json: JSONValue {
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
public struct FieldMismatch: Sendable, Hashable {
  public let table: String
  public let key: String
  public let column: String
  public let expected: String?
  public let found: String?

  public var json: JSONValue {
    [
      "table": .text(table), "key": .text(key), "column": .text(column),
      "expected": .optional(expected), "found": .optional(found),
    ]
  }
}
