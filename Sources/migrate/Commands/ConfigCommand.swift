import MigrationCore

/// `migrate config`: shows every setting's effective value and its origin.
enum ConfigCommand {
  static let page = CommandPage(
    words: ["config"], group: .check,
    summary: "Show every setting with its value and origin; secrets are hidden.",
    discussion: [
      "Settings come from, in order of precedence: options, the environment, .env (with "
        + "--env NAME: NAME_… variables and .env.NAME), the plan, defaults. An error about an "
        + "invalid value names the variable, the value, its origin and the allowed values."
    ],
    operands: [Operand(name: "SETTING", help: "Show only these settings.", isRepeated: true)],
    examples: [
      ("migrate config", "all settings"),
      ("migrate config DATABASE_URL --env production", "one setting and its origin"),
    ],
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    warnOfPlan(invocation, settings, console)
    var entries = settings.entries
    if !invocation.operands.isEmpty {
      entries = try invocation.operands.map { try find($0, in: settings) }
    }
    if console.isJSON {
      console.result([
        "environment": .optional(settings.environmentName),
        "settings": .array(entries.map(\.json)),
        "warnings": .array(settings.warnings.map(JSONValue.text)),
      ])
      return .done
    }
    for group in Setting.Group.allCases {
      let members = entries.filter { $0.setting.group == group }
      if members.isEmpty { continue }
      console.result(console.output.painted(group.rawValue, .bold))
      for entry in members { show(entry, console) }
    }
    return .done
  }

  /// A plan with faults holds no settings, until they are corrected.
  private static func warnOfPlan(
    _ invocation: Invocation, _ settings: Settings, _ console: Console
  ) {
    guard let location = try? invocation.planLocation(settings) else { return }
    do throws(PlanFaults) { _ = try PlanReader.settings(file: location.planFile) } catch {
      console.warn(
        "the settings of the plan \(location.name) are ignored: it has errors; "
          + "see: migrate plan check --plan \(location.name)")
    }
  }

  private static func find(_ name: String, in settings: Settings) throws -> ResolvedSetting {
    let wanted = name.uppercased()
    if let entry = settings.entries.first(where: { $0.setting.names.contains(wanted) }) {
      return entry
    }
    let known = Settings.all.flatMap(\.names)
    throw MigrationError(
      .configuration, "unknown setting \"\(name)\"",
      remedy: Hint.nearest(to: name, in: known, otherwise: "see migrate config"))
  }

  private static func show(_ entry: ResolvedSetting, _ console: Console) {
    let value = entry.value == nil ? "not set" : entry.displayText
    let origin = entry.value == nil ? "" : "  (\(entry.originText))"
    console.result("  \(entry.setting.name) = \(value)\(origin)")
    for hidden in entry.hides where hidden.isDifferent {
      console.result("      overrides another value from \(hidden.origin)")
    }
  }
}
