import MigrationCore
import Postgres

/// An error as text and JSON, with its exit code.
struct FailureReport {
  let exitCode: ExitCode
  let code: ErrorCode?
  let what: String
  let place: String?
  let remedy: String?

  init(_ error: any Error) {
    switch error {
    case let error as UsageError:
      self.init(error, command: "")
    case let failure as CommandUsageError:
      self.init(failure.error, command: failure.command)
    case let error as MigrationError:
      self.init(
        exitCode: Self.exitCode(error.kind), code: Self.code(error.kind), what: error.what,
        place: error.place, remedy: error.remedy)
    case let error as InterruptedWork:
      self.init(
        exitCode: error.cause == .terminated ? .terminated : .interrupted, code: nil,
        what: "interrupted (\(error.cause.text))", place: nil, remedy: error.remark)
    case let error as LedgerError:
      self.init(error)
    case let error as SchemaFault:
      self.init(error.migrationError)
    case let error as PlanFaults:
      self.init(
        exitCode: .configuration, code: nil, what: "the plan is invalid\n\(error.description)",
        place: nil, remedy: "see docs/plan.md")
    case let error as PostgresError:
      self.init(error)
    case let error as SettingsError:
      // One line each, with its hint. Invalid URLs are connection errors.
      let texts = error.problems.map { [$0.message, $0.remedy ?? ""].filter { !$0.isEmpty } }
        .map { $0.joined(separator: "; ") }
      let databases = Settings.all.filter(\.isURL).map(\.name)
      let isConnection = error.problems.allSatisfy { databases.contains($0.setting ?? "") }
      self.init(
        exitCode: .configuration, code: isConnection ? .connection : nil,
        what: texts.joined(separator: "\n"), place: nil,
        remedy: "see migrate config --help and .env.example")
    default:
      self.init(exitCode: .failed, code: nil, what: "\(error)", place: nil, remedy: nil)
    }
  }

  private init(_ error: UsageError, command: String) {
    self.init(
      exitCode: .usage, code: nil, what: error.what, place: nil, remedy: error.remedy(of: command))
  }

  /// Another migration's lock has its own exit code.
  private init(_ error: LedgerError) {
    let converted = error.migrationError
    self.init(
      exitCode: error.code == .heldByAnother ? .locked : Self.exitCode(converted.kind),
      code: Self.code(converted.kind), what: converted.what, place: converted.place,
      remedy: converted.remedy)
  }

  private init(_ error: PostgresError) {
    let isConnection: Bool =
      if case .connect = error.kind { true } else { error.connectionLost }
    if let rejected = MigrationError(session: error, place: nil) {
      self.init(rejected)
    } else {
      self.init(
        exitCode: isConnection ? .configuration : .failed,
        code: isConnection ? .connection : nil, what: error.description, place: nil, remedy: nil)
    }
  }

  private init(exitCode: ExitCode, code: ErrorCode?, what: String, place: String?, remedy: String?)
  {
    (self.exitCode, self.code) = (exitCode, code)
    (self.what, self.place, self.remedy) = (what, place, remedy)
  }

  /// Prints the error as text or JSON, and returns its exit code.
  func tell(_ console: Console) -> ExitCode {
    if console.isJSON {
      console.result(document)
    } else {
      console.fail(code.map { "[\($0.rawValue)] \(what)" } ?? what, place: place, remedy: remedy)
    }
    return exitCode
  }

  private var document: JSONValue {
    [
      "error": [
        "exitCode": .int(Int(exitCode.rawValue)),
        "code": .optional(code?.rawValue),
        "what": .text(what),
        "where": .optional(place),
        "toDo": .optional(remedy),
      ]
    ]
  }

  private static func exitCode(_ kind: MigrationError.Kind) -> ExitCode {
    switch kind {
    case .configuration, .coded(.connection): .configuration
    case .nothingToDo: .failed
    case .prerequisite: .usage
    case .coded(.timeout), .coded(.memory), .coded(.disk): .limit
    case .coded, .failed: .failed
    }
  }

  private static func code(_ kind: MigrationError.Kind) -> ErrorCode? {
    if case .coded(let code) = kind { code } else { nil }
  }
}
