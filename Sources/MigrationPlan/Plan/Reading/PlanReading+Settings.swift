import MigrationBasics

/// Settings that the plan holds.
extension PlanReading {
  mutating func settingValues(_ node: JSONNode) -> [String: String] {
    var values: [String: String] = [:]
    for member in members(node, "an object with settings by their names") ?? [] {
      guard let setting = setting(member) else { continue }
      values[setting.name] = value(member.value, of: setting)
    }
    return values
  }

  /// The setting that a key names, if a plan may hold it.
  private mutating func setting(_ member: JSONNode.Member) -> Setting? {
    guard let setting = Settings.all.first(where: { $0.names.contains(member.key) }) else {
      fault(
        member, "\(member.key) is not a setting",
        nearest(to: member.key, in: PlanWords.settings).map { "did you mean \($0)?" } ?? known)
      return nil
    }
    guard setting.mayStandInPlan else {
      fault(
        member, "\(member.key) cannot be set by a plan",
        setting.name == SettingKey<ByteSize?>.maximumMemory.name
          ? "use limits: { memory: \"2GiB\" }" : "set it in the environment or in .env; " + known)
      return nil
    }
    return setting
  }

  private mutating func fault(_ member: JSONNode.Member, _ what: String, _ remedy: String) {
    add(PlanFault(at: place(member.keyPosition), "settings: \(what)", remedy: remedy))
  }

  private var known: String {
    "a plan can set " + PlanWords.settings.joined(separator: ", ")
  }

  private mutating func value(_ node: JSONNode, of setting: Setting) -> String? {
    let text: String
    switch node.content {
    case .text(let given): text = given
    case .number(let number): text = number.text
    case .bool(let bool): text = "\(bool)"
    default:
      mismatch(node, wanted: setting.kind.allowed)
      return nil
    }
    guard (try? setting.kind.parse(text)) != nil else {
      fault(
        node, "expected \(setting.kind.allowed), found \"\(text)\"",
        "change the value, or remove the line")
      return nil
    }
    return text
  }
}
