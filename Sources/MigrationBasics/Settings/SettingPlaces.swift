/// A text found for a setting, and where.
struct SettingCandidate {
  let origin: SettingOrigin
  let text: String
}

/// One place where settings are looked for: names to texts, empty texts omitted.
struct SettingPlace {
  let candidates: [String: SettingCandidate]

  /// What this place has for a setting, under any of its names.
  func candidates(for setting: Setting) -> [SettingCandidate] {
    setting.names.compactMap { candidates[$0] }
  }

  init(_ candidates: [String: SettingCandidate]) {
    self.candidates = candidates.filter { !$0.value.text.trimmed.isEmpty }
  }

  init(environment: [String: String], prefix: String) {
    self.init(
      Self.named(prefix) { name in
        environment[prefix + name].map {
          SettingCandidate(origin: .environment(variable: prefix + name), text: $0)
        }
      })
  }

  init(file: DotEnvFile, prefix: String) {
    self.init(
      Self.named(prefix) { name in
        file[prefix + name].map { entry in
          let origin = SettingOrigin.file(
            path: file.path, line: entry.line, variable: entry.name)
          return SettingCandidate(origin: origin, text: entry.value)
        }
      })
  }

  init(plan: [String: String]) {
    self.init(
      Self.named("") { name in
        plan[name].map { SettingCandidate(origin: .plan(variable: name), text: $0) }
      })
  }

  /// Flags may be keyed by their own name (`target`) or by that of the setting (`DATABASE_URL`).
  init(flags: [String: String]) {
    var candidates: [String: SettingCandidate] = [:]
    for setting in Settings.all {
      for name in setting.names {
        candidates[name] = flags[name].map {
          SettingCandidate(origin: .flag("--set \(name)"), text: $0)
        }
      }
      if let flag = setting.flag, let text = flags[flag] {
        candidates[setting.name] = SettingCandidate(origin: .flag("--\(flag)"), text: text)
      }
    }
    self.init(candidates)
  }

  private static func named(
    _ prefix: String, find: (String) -> SettingCandidate?
  ) -> [String: SettingCandidate] {
    var found: [String: SettingCandidate] = [:]
    for setting in Settings.all {
      for name in setting.names { found[name] = find(name) }
    }
    return found
  }
}
