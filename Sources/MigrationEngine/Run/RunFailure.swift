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
    return error.sqlState.map { ErrorCode($0) } ?? .connection
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

extension ErrorCode {
  /// The manual's code of what the server refused.
  package init(_ state: SQLState) {
    self =
      switch state.subject {
      case .time: .timeout
      case .diskSpace: .disk
      case .memory: .memory
      case .duplicate: .duplicate
      case .reference: .foreignKey
      case .corruption: .corruption
      case .connection: .connection
      case .definition: .schema
      case .login, .other: .data
      }
  }
}
