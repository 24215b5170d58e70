/// The settings of one run: each value, where it came from, and what it hides.
///
/// They come from flags, the environment, `.env` files, the plan and defaults, the strongest first.
/// All of them are checked when they are resolved, so that a wrong one is reported before anything
/// happens. Secrets are in the values, never in what is printed of them.
public struct Settings: Sendable {
  /// The name given by `--env`, MIGRATE_ENV, or NODE_ENV next to variables with its prefix; nil for none.
  public let environmentName: String?
  /// One entry for each setting, in the order of the table.
  package let entries: [ResolvedSetting]
  /// What is not wrong, but should be checked.
  public let warnings: [String]
  /// Scrubs every secret of these settings from a text, those of hidden places included.
  package let redactor: Redactor
  private let places: [String: Int]
  /// What they were found by.
  private let search: SettingsSearch

  init(
    _ search: SettingsSearch, entries: [ResolvedSetting], warnings: [String], redactor: Redactor
  ) {
    (self.search, environmentName) = (search, search.name?.name)
    self.entries = entries
    self.warnings = warnings
    self.redactor = redactor
    places = Dictionary(
      entries.enumerated().map { ($1.setting.name, $0) }, uniquingKeysWith: { $1 })
  }

  /// Finds the value of every setting.
  ///
  /// With a name of an environment such as `staging`, `STAGING_X` beats `X` in the environment and
  /// in `.env.staging`, and of the plain `.env` only `STAGING_…` counts: what a developer wrote
  /// there for his own machine can't get into another environment.
  ///
  /// - Parameter flags: Values by the name of the flag (`target`) or of the setting.
  /// - Parameter folder: Where `.env` files are looked for.
  /// - Parameter plan: Values by the name of the setting.
  /// - Throws: All that is wrong, together.
  public static func resolve(
    environmentName: String? = nil, flags: [String: String] = [:],
    environment: [String: String], folder: String = ".", plan: [String: String] = [:]
  ) throws(SettingsError) -> Settings {
    let fromVariable = environment["MIGRATE_ENV"].flatMap { $0.trimmed.isEmpty ? nil : $0.trimmed }
    var name: EnvironmentName?
    if let given = environmentName ?? fromVariable {
      name = try EnvironmentName(given)
    } else {
      name = try EnvironmentName.meant(by: environment)
    }
    return try SettingsSearch(environment: environment, folder: folder, name: name, flags: flags)
      .settings(plan: plan)
  }

  /// The settings with what a plan says instead of what another one says.
  package func with(plan: [String: String]) throws(SettingsError) -> Settings {
    try search.settings(plan: plan)
  }

  /// The value of a setting, or its default.
  package func value<Value>(_ key: SettingKey<Value>) -> Value {
    entry(key.name)?.value.flatMap { Value($0) } ?? key.fallback
  }

  /// What is known of a setting, by its name.
  package func entry(_ name: String) -> ResolvedSetting? { places[name].map { entries[$0] } }

  /// Returns a value that the caller cannot do without.
  ///
  /// - Throws: An error with all the ways to set it, if it is not set.
  package func required<Value>(_ key: SettingKey<Value?>) throws(SettingsError) -> Value {
    if let value = value(key) { return value }
    guard let setting = entry(key.name)?.setting else { throw SettingsError(problems: []) }
    throw SettingsError(problems: [missing(setting)])
  }

  private func missing(_ setting: Setting) -> SettingsProblem {
    let prefix = environmentName.flatMap { try? EnvironmentName($0) }?.prefix ?? ""
    let file = environmentName.map { ".env.\($0)" } ?? ".env"
    let names = setting.names.map { prefix + $0 }.joined(separator: " or ")
    let other = EnvironmentName.others(for: setting, in: search.environment).first {
      $0.name != environmentName
    }
    let hint = other.map { "\($0.variable) is set, which --env \($0.name) takes; or " } ?? ""
    let flag = setting.flag.map { "the option --\($0), " } ?? ""
    return SettingsProblem(
      code: .missing, setting: setting.name,
      message: "\(setting.name) is not set. \(setting.summary)",
      remedy: hint + "set it by \(flag)the environment variable \(names), or a line "
        + "\(setting.name)=\(setting.example) in \(file)")
  }
}

/// A setting with its effective value, the place it came from and the weaker places it hides.
package struct ResolvedSetting: Sendable {
  /// A value that does not count because a stronger place has one.
  package struct Hidden: Hashable, Sendable {
    package let origin: SettingOrigin
    /// True if the value is not the same as the one that counts.
    package let isDifferent: Bool
  }

  package let setting: Setting
  /// The value; nil if it is not set and has no default.
  package let value: SettingValue?
  package let origin: SettingOrigin
  /// The references that led to the value, such as `file:/run/secrets/password`.
  package let references: [String]
  package let hides: [Hidden]

  /// The value for people: `***` for a secret, empty if there is none.
  package var displayText: String {
    guard let value else { return "" }
    return setting.isSecret ? "***" : Redactor().scrub(value.displayText)
  }

  /// The origin in words, with the references on the way.
  package var originText: String {
    ([origin.description] + references).joined(separator: " → ")
  }

  /// What `migrate config --json` says about the setting.
  package var json: JSONValue {
    [
      "name": .text(setting.name),
      "value": value == nil ? nil : .text(displayText),
      "isSecret": .bool(setting.isSecret),
      "origin": .text(originText),
      "hides": .array(hides.map { ["origin": "\($0.origin)", "differs": .bool($0.isDifferent)] }),
    ]
  }
}
