import MigrationPlan
import Postgres

/// Says in SQL what a simple rule makes of a source row, so that its values can be compared.
enum SourceExpression {
  /// Returns an expression of type text; nil for rules that only the row machine can follow.
  static func sql(_ rule: Rule, of row: String) throws -> String? {
    switch rule {
    case .source(let names):
      let columns = try names.map { "\(row).\(try SQL.identifier($0))::text" }
      return columns.count == 1 ? columns[0] : "coalesce(\(columns.joined(separator: ", ")))"
    case .identity(_, let rule): return try sql(rule, of: row)
    case .step(let rule, let step):
      guard let value = try sql(rule, of: row) else { return nil }
      return sql(value, step)
    default: return nil
    }
  }

  private static func sql(_ value: String, _ step: RuleStep) -> String? {
    switch step {
    case .trim: "pg_catalog.btrim(\(value))"
    case .emptyToNull: "nullif(\(value), '')"
    case .lowercase: "pg_catalog.lower(\(value))"
    case .uppercase: "pg_catalog.upper(\(value))"
    case .required, .truncate: value
    default: nil
    }
  }
}
