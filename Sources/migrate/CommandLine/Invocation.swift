import MigrationCore

/// The input of a command: its arguments, console and environment.
struct Invocation: Sendable {
  let page: CommandPage
  let arguments: ParsedArguments
  let console: Console
  let program: Program
  /// The environment of the process at its start.
  let environment: [String: String]
  /// Whether no other command of the same script follows, so that the operator decides what comes next.
  let isLast: Bool

  subscript<Value>(_ option: Option<Value>) -> Value { arguments[option] }

  var operands: [String] { arguments.operands }

  /// A path as it was given, in the folder of the program if it is not absolute.
  func path(_ given: String) -> String { PathText.absolute(given, in: program.folder) }

  /// Reads the settings from every place; reports all invalid ones together.
  ///
  /// The returned console redacts the secrets of the settings.
  func settingsAndConsole() throws -> (Settings, Console) {
    let settings = try settings()
    var console = console
    console.redactor = settings.redactor
    for warning in settings.warnings { console.warn(warning) }
    return (settings, console)
  }

  /// Reads the settings without printing their warnings.
  func settings() throws -> Settings {
    let settings = try Settings.resolve(
      environmentName: arguments[GlobalOptions.environment], flags: try flags(),
      environment: environment, folder: program.folder)
    let held = planSettings(settings)
    return held.isEmpty ? settings : try settings.with(plan: held)
  }

  /// What the selected plan says of settings. Commands that need the plan report why it can't be read.
  private func planSettings(_ settings: Settings) -> [String: String] {
    guard let location = try? planLocation(settings) else { return [:] }
    return (try? PlanReader.settings(file: location.planFile)) ?? [:]
  }

  /// Whether a flag is a global option here. A command's own option of the same name takes precedence.
  private func isGlobal(_ flag: String) -> Bool {
    GlobalOptions.all.contains { $0.name == flag } && !page.options.contains { $0.name == flag }
  }

  /// Returns the settings of the command line, by their own options or by `--set`.
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
          "unknown setting \"\(name)\" in --set",
          remedy: Hint.nearest(to: name, in: known, otherwise: "see migrate config"))
      }
      flags[name] = String(parts[1])
    }
    return flags
  }
}
