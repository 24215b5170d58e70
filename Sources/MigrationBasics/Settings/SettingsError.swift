/// One thing that is wrong with the settings; holds no secret.
package struct SettingsProblem: Hashable, Sendable, CustomStringConvertible {
  /// What kind of problem it is; more kinds may come.
  package struct Code: Hashable, Sendable {
    package let name: String

    package init(name: String) {
      self.name = name
    }

    package static let missing = Code(name: "missing")
    package static let wrongValue = Code(name: "wrongValue")
    package static let conflict = Code(name: "conflict")
    package static let reference = Code(name: "reference")
    package static let environmentName = Code(name: "environmentName")
    package static let file = Code(name: "file")
    package static let unknown = Code(name: "unknown")
  }

  package let code: Code
  /// The name of the setting; nil if it is about a file or an environment.
  package let setting: String?
  package let message: String
  /// What to do about it; may be nil when the message says it.
  package let remedy: String?

  package var description: String { message + (remedy.map { "\n  " + $0 } ?? "") }
}

/// All errors of the settings.
public struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
  package let problems: [SettingsProblem]

  public var description: String { problems.map(\.description).joined(separator: "\n") }
}
