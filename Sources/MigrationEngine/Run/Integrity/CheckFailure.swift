import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// A check that could not run; counts as failed.
package struct CheckFailure {
  package let code: ErrorCode
  package let what: String
  package let remedy: String

  /// Whether an error says that a database can't be reached, which is nothing about what is in it.
  package static func isUnreachable(_ error: any Error) -> Bool {
    switch error {
    case let error as MigrationError:
      error.kind == .configuration || error.kind == .coded(.connection)
    case let error as PostgresError: error.connectionLost
    default: false
    }
  }

  /// Returns why a database that was reached did not let itself be checked; nil for any other error.
  package static func refused(_ error: any Error) -> CheckFailure? {
    switch error {
    case let error as PostgresError where error.kind == .server: CheckFailure(error)
    case let error as SourceError where error.code != .connection: CheckFailure(error)
    default: nil
    }
  }

  package init(_ error: any Error) {
    switch error {
    case let error as MigrationError:
      self.init(error)
    case let error as LedgerError: self.init(error.migrationError)
    case let error as SchemaFault: self.init(error.migrationError)
    case let error as PostgresError:
      if let refused = MigrationError(session: error, place: nil) {
        self.init(refused)
        return
      }
      let code = RunFailure.code(of: error)
      self.init(code: code, what: error.description, remedy: Self.remedy(error, code))
    case let error as SourceError:
      self.init(
        code: error.code, what: error.description,
        remedy: error.code == .timeout ? Self.moreTime : "fix the cause and check again")
    case let error as PlanFaults:
      self.init(code: .schema, what: error.description, remedy: "see: migrate plan check")
    default: self.init(code: .data, what: "\(error)", remedy: "fix the cause and check again")
    }
  }

  private init(_ error: MigrationError) {
    let code: ErrorCode = if case .coded(let code) = error.kind { code } else { .data }
    let place = error.place.map { " (\($0))" } ?? ""
    self.init(
      code: code, what: error.what + place,
      remedy: code == .timeout ? Self.moreTime : error.remedy ?? "fix the cause and check again")
  }

  private init(code: ErrorCode, what: String, remedy: String) {
    (self.code, self.what, self.remedy) = (code, what, remedy)
  }

  private static let moreTime =
    "find out who holds a lock, or raise --statement-timeout"

  private static func remedy(_ error: PostgresError, _ code: ErrorCode) -> String {
    switch error.sqlState {
    case .insufficientPrivilege?: "grant the missing privilege to the user, and check again"
    case .undefinedTable?, .schemaMissing?: "see: migrate db status, migrate plan check"
    default: code == .timeout ? moreTime : "fix the cause and check again"
    }
  }
}
