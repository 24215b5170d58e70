import MigrationCore

/// `migrate config`: every setting's effective value, and where it came from.
enum ConfigCommand {
  static let page = CommandPage(
    words: ["config"], group: .check,
    summary: "Show every setting's value and where it came from; secrets stay hidden.",
    discussion: [
      "Settings come from, the strongest first: options, the environment, .env (with --env NAME: "
        + "NAME_… variables and .env.NAME), the plan, defaults. A wrong value is an error that names the "
        + "variable, the value, its place, and what is allowed."
    ],
    operands: [Operand(name: "SETTING", help: "Only these settings.", isRepeated: true)],
    examples: [
      ("migrate config", "all of them"),
      ("migrate config DATABASE_URL --env production", "where does that one come from?"),
    ],
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
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
      for entry in members { tell(entry, console) }
    }
    return .done
  }

  private static func find(_ name: String, in settings: Settings) throws -> ResolvedSetting {
    let wanted = name.uppercased()
    if let entry = settings.entries.first(where: { $0.setting.names.contains(wanted) }) {
      return entry
    }
    let known = Settings.all.flatMap(\.names)
    throw MigrationError(
      .configuration, "there is no setting \(name)\(suggestion(for: name, in: known))",
      remedy: "see: migrate config")
  }

  private static func tell(_ entry: ResolvedSetting, _ console: Console) {
    let value = entry.value == nil ? "not set" : entry.displayText
    let origin = entry.value == nil ? "" : "  (\(entry.originText))"
    console.result("  \(entry.setting.name) = \(value)\(origin)")
    for hidden in entry.hides where hidden.isDifferent {
      console.result("      hides another value from \(hidden.origin)")
    }
  }
}
