extension SettingsResolver {
  /// The settings of URLs, each with that of its password.
  private static let pairs = [
    (SettingKey.source.name, SettingKey.sourcePassword.name),
    (SettingKey.mongo.name, SettingKey.mongoPassword.name),
    (SettingKey.target.name, SettingKey.targetPassword.name),
    (SettingKey.backup.name, SettingKey.backupPassword.name),
  ]

  /// Puts passwords that are on their own into their URLs.
  mutating func mergePasswords(into drafts: inout [Draft]) {
    for (urlName, passwordName) in Self.pairs {
      guard let place = drafts.firstIndex(where: { $0.setting.name == urlName }),
        let password = drafts.first(where: { $0.setting.name == passwordName })
      else { continue }
      merge(password, into: &drafts[place])
    }
  }

  private mutating func merge(_ password: Draft, into draft: inout Draft) {
    guard case .url(let url) = draft.value, case .text(let text) = password.value else { return }
    if let own = url.password, own != text {
      if password.rank == draft.rank {
        add(
          .conflict, draft.setting,
          "\(draft.setting.name) (\(draft.origin)) holds another password than "
            + "\(password.setting.name) (\(password.origin))", "remove one of them")
      }
      // The place with precedence is used, as for every setting.
      guard password.rank < draft.rank else { return }
    }
    do {
      let merged = try url.with(password: text)
      redactor.add(merged)
      draft.value = .url(merged)
      draft.references.append("password from \(password.setting.name) (\(password.origin))")
    } catch {
      add(
        .wrongValue, draft.setting,
        "\(draft.setting.name) (\(draft.origin)) with \(password.setting.name) "
          + "(\(password.origin)): \(error.message)", error.remedy)
    }
  }
}
