import Postgres

/// Turns what ended a lane into a failure with a code, a place and a way on.
enum RunFailure {
  static func of(
    _ error: PostgresError, table: String, place: String?, tries: Int
  ) -> MigrationError {
    let times = tries > 1 ? " (\(tries) times)" : ""
    return MigrationError(
      .coded(code(of: error)), error.description + times, reason: error.sqlState?.code,
      place: place ?? table, remedy: remedy(for: error))
  }

  static func code(of error: PostgresError) -> ErrorCode {
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

  private static func remedy(for error: PostgresError) -> String {
    let again = "committed chunks are safe; then go on with: migrate run --resume"
    return switch code(of: error) {
    case .connection: "see that the server is up and reachable; \(again)"
    case .timeout: "allow chunks more time (--timeout) or make them smaller; \(again)"
    case .disk: "make room on the target's disk; \(again)"
    case .memory: "give the server more memory, or use fewer lanes; \(again)"
    case .schema: "see: migrate plan check; \(again)"
    default: "mend the cause; \(again)"
    }
  }
}
