import MigrationBasics

/// Steps: changes and checks of a value.
extension PlanReading {
  /// Wraps a rule in the steps that an object names, in the order of `StepWord`.
  mutating func steps(of node: JSONNode, on rule: Rule) -> Rule {
    var result = rule
    for word in StepWord.allCases {
      guard let value = node[word.rawValue] else { continue }
      result = apply(word, value, of: node, to: result)
    }
    if let unmapped = node["unmapped"], node["map"] == nil {
      fault(unmapped, "\"unmapped\" belongs to \"map\"", "add map: { … }, or remove it")
    }
    return result
  }

  private mutating func apply(
    _ word: StepWord, _ value: JSONNode, of node: JSONNode, to rule: Rule
  ) -> Rule {
    switch word {
    case .path: return path(value).map { .part(rule, path: $0) } ?? rule
    case .id:
      return text(value, "the name of an entity").map { .identity(entity: $0, rule) } ?? rule
    default: return step(word, value, of: node).map { .step(rule, $0) } ?? rule
    }
  }

  private mutating func step(_ word: StepWord, _ value: JSONNode, of node: JSONNode) -> RuleStep? {
    switch word {
    case .trim: return flag(value, .trim)
    case .collapseBlanks: return flag(value, .collapseBlanks)
    case .emptyToNull: return flag(value, .emptyToNull)
    case .lowercase: return flag(value, .lowercase)
    case .uppercase: return flag(value, .uppercase)
    case .round: return flag(value, .round)
    case .required: return flag(value, .required)
    case .hash: return flag(value, .hash)
    case .nul: return nulPolicy(value).map(RuleStep.nul)
    case .phone: return checkPolicy(value).map(RuleStep.phone)
    case .email: return checkPolicy(value).map(RuleStep.email)
    case .currency: return checkPolicy(value).map(RuleStep.currencyCode)
    case .truncate: return integer(value, in: 1...10_485_760).map(RuleStep.truncate)
    case .mask: return integer(value, in: 0...64).map { .mask(keepLast: $0) }
    case .map: return map(value, unmapped: node["unmapped"])
    case .boolean: return boolean(value)
    case .number: return number(value)
    case .date: return date(value)
    case .min: return bound(value).map { .minimum($0.value, $0.failure) }
    case .max: return bound(value).map { .maximum($0.value, $0.failure) }
    case .oneOf: return oneOf(value)
    case .default: return defaultValue(value)
    case .path, .id: return nil
    }
  }

  /// Reads true; false is as good as leaving the step out.
  private mutating func flag(_ node: JSONNode, _ step: RuleStep) -> RuleStep? {
    bool(node) == true ? step : nil
  }

  private mutating func nulPolicy(_ node: JSONNode) -> NULPolicy? {
    choice(node, of: NULPolicy.allCases.map(\.rawValue)).flatMap(NULPolicy.init)
  }

  /// Reads the policy for a value that fails a check; true means quarantine.
  private mutating func checkPolicy(_ node: JSONNode) -> FailurePolicy? {
    if case .bool(true) = node.content { return .quarantine }
    return policy(node)
  }

  mutating func policy(_ node: JSONNode) -> FailurePolicy? {
    choice(node, of: FailurePolicy.allCases.map(\.rawValue)).flatMap(FailurePolicy.init)
  }

  /// Reads `orElse` of a step; quarantine if it is not given.
  mutating func orElse(_ node: JSONNode) -> FailurePolicy {
    node["orElse"].flatMap { policy($0) } ?? .quarantine
  }

  mutating func path(_ node: JSONNode) -> [String]? {
    if case .array(let elements) = node.content, !elements.isEmpty {
      let keys = elements.compactMap { text($0, "a key") }
      return keys.count == elements.count ? keys : nil
    }
    guard let text = text(node, "a path such as \"terms.days\", or a list of keys") else {
      return nil
    }
    let keys = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard keys.allSatisfy({ !$0.isEmpty }) else {
      fault(node, "the path \"\(text)\" has an empty part", "write it as \"terms.days\"")
      return nil
    }
    return keys
  }

  private mutating func defaultValue(_ node: JSONNode) -> RuleStep? {
    guard !node.isNull else {
      fault(node, "null cannot be a default", "remove \"default\"")
      return nil
    }
    return .otherwise(.constant(node.value))
  }

  private mutating func map(_ node: JSONNode, unmapped: JSONNode?) -> RuleStep? {
    let wanted = "an object with a new value for each old one: { Y: \"active\" }"
    guard let members = members(node, wanted) else { return nil }
    if members.isEmpty { fault(node, "the map is empty", "list old and new values") }
    var otherwise = MapOtherwise.policy(.quarantine)
    if let unmapped { otherwise = self.unmapped(unmapped) ?? otherwise }
    let pairs = members.map { ($0.key, $0.value.value) }
    return .map(Dictionary(pairs) { first, _ in first }, otherwise: otherwise)
  }

  private mutating func unmapped(_ node: JSONNode) -> MapOtherwise? {
    guard case .object = node.content else { return policy(node).map(MapOtherwise.policy) }
    guard object(node, "a word or { value: … }", keys: ["value"]) != nil else { return nil }
    return required("value", of: node, "give the value").map { .value($0.value) }
  }
}
