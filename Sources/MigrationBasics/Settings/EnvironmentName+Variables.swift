/// What the variables of the environment say about which environment is meant.
extension EnvironmentName {
  /// The environment that NODE_ENV names, if its databases are set: `PRODUCTION_MONGODB_URL` next to `NODE_ENV=production`.
  ///
  /// - Throws: An error if the same database is also set without the prefix, to another address: a program that
  ///   chooses between two databases on its own may choose the wrong one.
  static func meant(
    by environment: [String: String]
  ) throws(SettingsError) -> EnvironmentName? {
    guard let word = environment["NODE_ENV"]?.trimmed, !word.isEmpty,
      let name = try? EnvironmentName(word.lowercased())
    else { return nil }
    func value(_ variable: String) -> (variable: String, text: String)? {
      environment[variable].flatMap { $0.trimmed.isEmpty ? nil : (variable, $0.trimmed) }
    }
    var isMeant = false
    for setting in Settings.all where setting.isURL {
      guard let own = setting.names.lazy.compactMap({ value(name.prefix + $0) }).first
      else { continue }
      isMeant = true
      guard let plain = setting.names.lazy.compactMap({ value($0) }).first, plain.text != own.text
      else { continue }
      throw SettingsError(problems: [
        SettingsProblem(
          code: .conflict, setting: setting.name,
          message:
            "NODE_ENV is \(word), and \(own.variable) and \(plain.variable) are set to different databases",
          remedy:
            "say which one is meant: --env \(name.name) takes \(own.variable); or unset one of them"
        )
      ])
    }
    return isMeant ? name : nil
  }

  /// Variables that would give a setting if their environment were named: each with the name for `--env`.
  static func others(
    for setting: Setting, in environment: [String: String]
  ) -> [(variable: String, name: String)] {
    let known = Set(Settings.all.flatMap(\.names))
    return environment.keys.sorted().compactMap { variable in
      guard !known.contains(variable), environment[variable]?.trimmed.isEmpty == false,
        let name = setting.names.first(where: { variable.hasSuffix("_" + $0) })
      else { return nil }
      let word = String(variable.dropLast(name.utf8.count + 1)).lowercased()
      guard let found = try? EnvironmentName(word), found.prefix + name == variable else {
        return nil
      }
      return (variable, found.name)
    }
  }
}
