import MigrationPlan
import MigrationRows
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
      "pg_catalog.count(\(column))", longest, hasOrder ? "pg_catalog.min(\(column))::text" : "NULL",
      hasOrder ? "pg_catalog.max(\(column))::text" : "NULL",
    ] + conditions.map { "pg_catalog.count(*) FILTER (WHERE \($0.sql))" }
  }

  private var longest: String {
    if isText { return "pg_catalog.max(pg_catalog.char_length(\(column)))" }
    if form == .bytes { return "pg_catalog.max(pg_catalog.octet_length(\(column)))" }
    return form == .array ? "pg_catalog.max(pg_catalog.cardinality(\(column)))" : "NULL"
  }

  /// What may be odd about a value, each with the condition that finds it.
  var conditions: [(oddity: FieldProfile.Oddity, sql: String)] {
    if isText {
      return [
        (.emptyText, "\(column) OPERATOR(pg_catalog.=) ''"),
        (
          .outerBlanks,
          "\(column) OPERATOR(pg_catalog.<>) pg_catalog.btrim(\(column), E' \\t\\n\\r\\f\\v') "
            + "AND \(column) OPERATOR(pg_catalog.<>) ''"
        ),
      ]
    }
    // An oid has no cast to numeric.
    let number = form == .oid ? "\(column)::bigint" : "\(column)::numeric"
    let beyond = "pg_catalog.abs(\(number)) OPERATOR(pg_catalog.>) 2147483647"
    if isWhole { return [(.beyondInteger, beyond)] }
    guard isReal else { return [] }
    let finite = ["NaN", "Infinity", "-Infinity"].map {
      "\(column) OPERATOR(pg_catalog.<>) '\($0)'"
    }.joined(separator: " AND ")
    return [
      (.notFinite, "NOT (\(finite))"),
      (
        .fraction,
        "CASE WHEN \(finite) THEN pg_catalog.mod(\(column)::numeric, 1) OPERATOR(pg_catalog.<>) 0 END"
      ),
      (.beyondInteger, "CASE WHEN \(finite) THEN \(beyond) END"),
    ]
  }
}
