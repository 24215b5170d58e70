import MigrationBasics
import Postgres

/// Turns what ended a lane into a failure with a code, a place and a way on.
package enum RunFailure {
  /// Converts database errors to `MigrationError`; returns others unchanged.
  package static func of(_ error: any Error, place: String, tries: Int = 1) -> any Error {
    let times = tries > 1 ? " (\(tries) times)" : ""
    switch error {
    case let error as PostgresError:
      if let refused = MigrationError(session: error, place: place) { return refused }
      let code = code(of: error)
      return MigrationError(
        .coded(code), error.description + times, reason: error.sqlState?.code, place: place,
        remedy: error.sqlState == .lockNotAvailable ? lockRemedy : remedy(for: code))
    case let error as SourceError:
      return MigrationError(
        .coded(error.code), error.description + times, reason: error.reason, place: place,
        remedy: remedy(for: error.code))
    default: return error
    }
  }

  /// Whether what failed may work when it is tried again.
  static func isTransient(_ error: any Error) -> Bool {
    switch error {
    case let error as PostgresError: error.nature == .transient
    case let error as SourceError: error.isTransient
    default: false
    }
  }

  package static func code(of error: PostgresError) -> ErrorCode {
    if case .connect = error.kind { return .connection }
    if error.connectionLost || error.kind == .snapshotGone { return .connection }
    guard let state = error.sqlState else { return .connection }
    return switch state.code {
    case "57014", "55P03": .timeout
    case "53100": .disk
    case "53200": .memory
    case "23505", "23P01": .duplicate
    case "23503": .foreignKey
    case "XX001", "XX002": .corruption
    default: byClass(state)
    }
  }

  private static func byClass(_ state: SQLState) -> ErrorCode {
    switch state.sqlClass {
    case "08", "57": .connection
    case "42", "3F": .schema
    default: .data
    }
  }

  private static let again =
    "committed chunks are kept; then continue: migrate run --resume"

  private static let lockRemedy =
    "find out who holds or awaits a lock on the table, or raise DATABASE_LOCK_TIMEOUT; \(again)"

  private static func remedy(for code: ErrorCode) -> String {
    switch code {
    case .connection: "check that the server is up and reachable; \(again)"
    case .timeout: "raise --timeout, or use smaller chunks; \(again)"
    case .disk: "free space on the target's disk; \(again)"
    case .memory: "give the server more memory, or use fewer lanes; \(again)"
    case .schema: "see: migrate plan check; \(again)"
    default: "fix the cause; \(again)"
    }
  }
}
