/// A named environment such as `staging`: its file is `.env.staging`, its variables begin with
/// `STAGING_`.
struct EnvironmentName: Hashable, Sendable {
  let name: String
  let prefix: String

  var fileName: String { ".env.\(name)" }

  init(_ name: String) throws(SettingsError) {
    let isPlain = name.utf8.allSatisfy {
      $0.isLetter || $0.isDigit || [0x2D, 0x2E, 0x5F].contains($0)
    }
    guard isPlain, name.utf8.first?.isLetter == true, !name.hasSuffix("~") else {
      throw Self.error(
        "\"\(name)\" is no name for an environment",
        "use letters, digits, \"-\", \"_\" and \".\", for example --env staging")
    }
    self.name = name
    prefix = String(name.uppercased().map { $0 == "-" || $0 == "." ? "_" : $0 }) + "_"
    try checkPrefix()
  }

  /// With an environment named "source", the target's DATABASE_URL would be taken from
  /// SOURCE_DATABASE_URL, and the source be overwritten.
  private func checkPrefix() throws(SettingsError) {
    let names = Set(Settings.all.flatMap(\.names))
    for name in names where names.contains(prefix + name) {
      throw Self.error(
        "an environment cannot be named \"\(self.name)\": \(prefix)\(name) is a setting itself",
        "choose another name, for example --env \(self.name)-1")
    }
  }

  /// The error for an environment that nothing was found of.
  func notFound(in folder: String, files: [String]) -> SettingsProblem {
    let others = files.filter {
      $0.hasPrefix(".env.") && $0 != ".env.example" && !$0.hasSuffix("~")
    }.sorted()
    let near = nearest(to: name, in: others.map { String($0.dropFirst(5)) })
    let known = others.isEmpty ? "" : "; there are \(others.joined(separator: ", "))"
    return SettingsProblem(
      code: .environmentName, setting: nil,
      message: "nothing is set for the environment \"\(name)\": looked for the file "
        + "\(folder)/\(fileName) and for variables such as \(prefix)DATABASE_URL\(known)",
      remedy: near.map { "did you mean --env \($0)?" } ?? "write \(fileName), or leave --env out")
  }

  private static func error(_ message: String, _ remedy: String) -> SettingsError {
    SettingsError(problems: [
      SettingsProblem(code: .environmentName, setting: nil, message: message, remedy: remedy)
    ])
  }
}
