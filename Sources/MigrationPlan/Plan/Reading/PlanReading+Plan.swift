import MigrationBasics

/// The file as a whole: names, source, target, limits.
extension PlanReading {
  mutating func plan(_ root: JSONNode, hash: String) -> Plan? {
    guard
      object(root, "a plan, an object with name, source and tables", keys: PlanWords.plan) != nil
    else { return nil }
    let name = required("name", of: root, "name the plan, for instance name: \"nxt\"")
      .flatMap { command($0) }
    let title = root["title"].flatMap { text($0, "a title") }
    let source = sourceSpec(root)
    let target = root["target"].flatMap { targetSpec($0) } ?? TargetSpec()
    let limits = root["limits"].map { limitSpec($0) } ?? Limits()
    let thresholds = root["thresholds"].map { thresholdSpec($0) } ?? Thresholds()
    let triggers = root["triggers"].map { triggerSpec($0, limits) } ?? Triggers()
    let phases = root["phases"].map { phaseTitles($0) } ?? [:]
    let tables = self.tables(root, of: source?.kind ?? .postgres)
    PlanCoherence.check(tables, mentions: mentions).forEach { add($0) }
    PlanCoherence.merges(tables).forEach { add($0) }
    let names = tables.map(\.name)
    let rules = root["rules"].map { businessRules($0, tables: names) } ?? []
    let queries = root["queries"].map { timedQueries($0) } ?? []
    let settings = root["settings"].map { settingValues($0) } ?? [:]
    guard let name, let source else { return nil }
    return Plan(
      name: name, title: title ?? name, file: file, hash: hash,
      meaning: Self.meaning(root.value), source: source, target: target,
      limits: limits, thresholds: thresholds, triggers: triggers, phases: phases,
      tables: PlanOrder(tables).tables, rules: rules, queries: queries, settings: settings)
  }

  /// What decides which rows are moved, and how they are transformed: when to stop and what is checked does not.
  private static func meaning(_ root: JSONValue) -> String {
    guard case .object(let object) = root else { return "" }
    let others = ["limits", "thresholds", "triggers", "rules", "queries", "settings"]
    let kept = object.members.filter { !others.contains($0.key) }.map { ($0.key, $0.value) }
    return SHA256.hexadecimal(of: JSONValue.object(JSONObject(kept)).compact.utf8)
  }

  /// Reads a word that is typed at a command line: small letters, digits, dashes.
  mutating func command(_ node: JSONNode) -> String? {
    guard let word = text(node, "a name of small letters, digits and dashes") else { return nil }
    let allowed = word.utf8.allSatisfy {
      ($0.isLetter && $0 & 0x20 != 0) || $0.isDigit || $0 == UInt8(ascii: "-")
    }
    guard allowed, word.utf8.first != UInt8(ascii: "-") else {
      fault(
        node, "\"\(word)\" cannot be typed as a command",
        "use small letters, digits and dashes, for instance \"price-lists\"")
      return nil
    }
    return word
  }

  private mutating func sourceSpec(_ root: JSONNode) -> SourceSpec? {
    let remedy = "name the source, for instance source: { kind: \"postgres\" }"
    guard let node = required("source", of: root, remedy),
      object(node, "an object with kind and setting", keys: PlanWords.source) != nil
    else { return nil }
    let kinds = SourceSpec.Kind.all
    let words = kinds.map { "kind: \"\($0.name)\"" }.joined(separator: " or ")
    let kind = required("kind", of: node, "add \(words)")
      .flatMap { choice($0, of: kinds.map(\.name)) }
      .flatMap { name in kinds.first { $0.name == name } }
    guard let kind else { return nil }
    return SourceSpec(
      kind: kind,
      setting: node["setting"].flatMap { setting($0) } ?? "SOURCE_DATABASE_URL",
      schema: node["schema"].flatMap { name($0, "the name of a schema") } ?? "public",
      timeZone: node["timeZone"].flatMap { timeZone($0) } ?? "UTC")
  }

  private mutating func phaseTitles(_ node: JSONNode) -> [Int: String] {
    let wanted = "an object with a title for each phase: { \"1\": \"Look-up tables\" }"
    var titles: [Int: String] = [:]
    for member in members(node, wanted) ?? [] {
      guard let number = Int(member.key), (1...99).contains(number), "\(number)" == member.key
      else {
        add(
          PlanFault(
            at: place(member.keyPosition), "phases: \"\(member.key)\" is not a phase",
            remedy: "write a number from 1 to 99 between quotes"))
        continue
      }
      titles[number] = text(member.value, "a title")
    }
    return titles
  }

  private mutating func targetSpec(_ node: JSONNode) -> TargetSpec? {
    guard object(node, "an object with setting and schema", keys: PlanWords.target) != nil
    else { return nil }
    return TargetSpec(
      setting: node["setting"].flatMap { setting($0) } ?? "DATABASE_URL",
      schema: node["schema"].flatMap { name($0, "the name of a schema") } ?? "public")
  }

  /// Reads the name of a setting. An address in its place would put a password into the plan.
  private mutating func setting(_ node: JSONNode) -> String? {
    guard let text = text(node, "the name of a setting") else { return nil }
    let allowed = text.utf8.allSatisfy {
      ($0.isLetter && $0 & 0x20 == 0) || $0.isDigit || $0 == UInt8(ascii: "_")
    }
    guard allowed else {
      fault(
        node, "this is not the name of a setting",
        "name the environment variable that holds the address, for instance \"DATABASE_URL\"; "
          + "addresses and passwords do not belong in a plan")
      return nil
    }
    return text
  }

  /// Reads the name of a time zone of the tz database.
  mutating func timeZone(_ node: JSONNode) -> String? {
    guard let text = text(node, "the name of a time zone") else { return nil }
    let allowed = text.utf8.allSatisfy { $0.isLetter || $0.isDigit || "/_+-".utf8.contains($0) }
    guard allowed, !text.hasPrefix("/"), !text.hasSuffix("/") else {
      fault(
        node, "\"\(text)\" is not the name of a time zone",
        "use a name of the tz database, for instance \"Europe/Prague\"")
      return nil
    }
    return text
  }
}
