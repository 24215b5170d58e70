import Postgres

/// What is asked of one column of a PostgreSQL source, as SQL over the values of a table.
struct ColumnQuestions {
  let name: String
  let column: String
  let type: PostgresType

  init(_ column: PostgresColumn) throws {
    (name, type) = (column.name, column.type)
    self.column = try SQL.identifier(column.name)
  }

  private var form: WireForm? { WireForm(type) }

  var isText: Bool { form == .text && type.ownLabels.isEmpty || form == .padded }
  private var isReal: Bool { form == .numeric || form == .float4 || form == .float8 }
  private var isWhole: Bool { form == .int8 || form == .oid }
  private var hasOrder: Bool {
    switch form {
    case .int2, .int4, .int8, .oid, .float4, .float8, .numeric, .date, .time, .timestamp,
      .timestamptz:
      true
    default: false
    }
  }

  /// The aggregates whose results `CountsReading` reads, always the same number of them.
  var aggregates: [String] {
    [
      "count(\(column))", longest, hasOrder ? "min(\(column))::text" : "NULL",
      hasOrder ? "max(\(column))::text" : "NULL",
    ] + conditions.map { "count(*) FILTER (WHERE \($0.sql))" }
  }

  private var longest: String {
    if isText { return "max(char_length(\(column)))" }
    if form == .bytes { return "max(octet_length(\(column)))" }
    return form == .array ? "max(cardinality(\(column)))" : "NULL"
  }

  /// What may be odd about a value, each with the condition that finds it.
  var conditions: [(oddity: FieldProfile.Oddity, sql: String)] {
    if isText {
      return [
        (.emptyText, "\(column) = ''"),
        (.outerBlanks, "\(column) <> btrim(\(column), E' \\t\\n\\r\\f\\v') AND \(column) <> ''"),
      ]
    }
    // An oid has no cast to numeric.
    let number = form == .oid ? "\(column)::bigint" : "\(column)::numeric"
    let beyond = "abs(\(number)) > 2147483647"
    if isWhole { return [(.beyondInteger, beyond)] }
    guard isReal else { return [] }
    let finite = "\(column) NOT IN ('NaN', 'Infinity', '-Infinity')"
    return [
      (.notFinite, "NOT (\(finite))"),
      (.fraction, "CASE WHEN \(finite) THEN \(column)::numeric % 1 <> 0 END"),
      (.beyondInteger, "CASE WHEN \(finite) THEN \(beyond) END"),
    ]
  }
}
