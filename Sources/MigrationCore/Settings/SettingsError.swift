/// One thing that is wrong with the settings; holds no secret.
public struct SettingsProblem: Hashable, Sendable, CustomStringConvertible {
  /// What kind of problem it is; more kinds may come.
  public struct Code: Hashable, Sendable {
    public let name: String
    public static let missing = Code(name: "missing")
    public static let wrongValue = Code(name: "wrongValue")
    public static let conflict = Code(name: "conflict")
    public static let reference = Code(name: "reference")
    public static let environmentName = Code(name: "environmentName")
    public static let file = Code(name: "file")
    public static let unknown = Code(name: "unknown")
  }

  public let code: Code
  /// The name of the setting; nil if it is about a file or an environment.
  public let setting: String?
  public let message: String
  /// What to do about it; may be nil when the message says it.
  public let remedy: String?

  public var description: String { message + (remedy.map { "\n  " + $0 } ?? "") }
}

/// Everything that is wrong with the settings, told at once.
public struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
  public let problems: [SettingsProblem]

  public var description: String { problems.map(\.description).joined(separator: "\n") }
}
