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

  /// Reads the settings from all their places; all wrong ones are reported together.
  ///
  /// The console that comes with them knows the settings' secrets and lets none pass.
  func settingsAndConsole() throws -> (Settings, Console) {
    let settings = try settings()
    var console = console
    console.redactor = settings.redactor
    for warning in settings.warnings { console.warn(warning) }
    return (settings, console)
  }

  /// Reads the settings without a word about what is odd in them.
  func settings() throws -> Settings {
    try Settings.resolve(
      environmentName: arguments[GlobalOptions.environment], flags: try flags(),
      environment: environment, folder: program.folder)
  }

  /// Whether an option is one of all commands here; a command's own option of the same name is not.
  private func isGlobal(_ flag: String) -> Bool {
    GlobalOptions.all.contains { $0.name == flag } && !page.options.contains { $0.name == flag }
  }

  /// Settings given on the command line, by the option of their own or by `--set`.
  private func flags() throws -> [String: String] {
    var flags: [String: String] = [:]
    for setting in Settings.all {
      if let flag = setting.flag, page.settingsByFlag || isGlobal(flag),
        let value = arguments.values[flag]?.last
      {
        flags[flag] = value
      }
    }
    for assignment in arguments[GlobalOptions.set] {
      let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard Settings.all.contains(where: { $0.names.contains(name) }) else {
        let known = Settings.all.flatMap(\.names)
        throw MigrationError(
          .configuration,
          "--set \(name): there is no such setting\(suggestion(for: name, in: known))",
          remedy: "see: migrate config")
      }
      flags[name] = String(parts[1])
    }
    return flags
  }
}
