import MigrationBasics
import MigrationLedger
import Postgres

/// Why the server refused a row.
package struct ServerRefusal: Sendable {
  package let state: SQLState
  package let message: String
  package let constraint: String?
  package let column: String?
  package let detail: String?

  init(_ error: PostgresError) {
    state = error.sqlState ?? .internalError
    message = error.message
    (constraint, column, detail) = (error.constraint, error.column, error.detail)
  }

  init(
    state: SQLState, message: String, constraint: String?, column: String?, detail: String?
  ) {
    (self.state, self.message) = (state, message)
    (self.constraint, self.column, self.detail) = (constraint, column, detail)
  }

  package func quarantined(key: JSONValue, row: JSONValue) -> QuarantinedRow {
    QuarantinedRow(
      key: key, row: row, code: code, reason: reason, column: column, value: detail,
      hint: "the target rejected the row: \(message)", winner: winner)
  }

  private var code: ErrorCode {
    switch state.subject {
    case .duplicate: .duplicate
    case .reference: .foreignKey
    default: .data
    }
  }

  private var reason: String {
    switch state {
    case .uniqueViolation: "duplicate"
    case .exclusionViolation: "exclusion"
    case .foreignKeyViolation: "orphan"
    case .notNullViolation: "missing"
    case .checkViolation: "checkFailed"
    default: "sqlstate\(state.code)"
    }
  }

  /// The winner's own key is not known here, but what it has in common with the row is.
  private var winner: JSONValue? {
    guard code == .duplicate else { return nil }
    return ["constraint": .optional(constraint), "detail": .optional(detail)]
  }
}
