import MigrationCore

/// What a command gets to work with when it runs.
struct Invocation: Sendable {
  let page: CommandPage
  let arguments: ParsedArguments
  let console: Console
  let program: Program
  /// The process's environment, as it was at the start.
  let environment: [String: String]

  subscript<Value>(_ option: Option<Value>) -> Value { arguments[option] }

  var operands: [String] { arguments.operands }

  /// Reads the settings from all their places; every wrong one is told at once.
  func settings() throws -> Settings {
    var flags: [String: String] = [:]
    for assignment in arguments[GlobalOptions.set] {
      let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      flags[String(parts[0])] = String(parts[1])
    }
    if let plan = arguments[GlobalOptions.plan] { flags["MIGRATION_PLAN"] = plan }
    return try Settings.resolve(
      environmentName: arguments[GlobalOptions.environment], flags: flags,
      environment: environment, folder: program.folder)
  }
}
