import MigrationBasics

/// Rules: where a value comes from, with steps behind it.
extension PlanReading {
  /// Reads a rule: the name of a source column, a list of rules of which the first that is not null
  /// counts, or an object.
  mutating func rule(_ node: JSONNode) -> Rule? {
    switch node.content {
    case .text: return name(node, "the name of a source column").map { .source([$0]) }
    case .array(let parts): return firstNonNull(parts, node)
    case .object: return objectRule(node)
    case .null, .bool, .number:
      let value = node.value.compact
      mismatch(
        node, wanted: "a rule",
        remedy: "for the same value in every row write { value: \(value) }")
      return nil
    }
  }

  private mutating func firstNonNull(_ parts: [JSONNode], _ node: JSONNode) -> Rule? {
    guard !parts.isEmpty else {
      fault(node, "the list is empty", "name the columns; the first value that is not null is used")
      return nil
    }
    let rules = parts.map { rule($0) }
    var result: Rule?
    for part in rules {
      guard let part else { return nil }
      switch (result, part) {
      case (nil, _): result = part
      case (.source(let columns)?, .source(let more)): result = .source(columns + more)
      case (let first?, _): result = .step(first, .otherwise(part))
      }
    }
    return result
  }

  private mutating func objectRule(_ node: JSONNode) -> Rule? {
    guard let members = members(node, "a rule") else { return nil }
    let heads = RuleHead.allCases.filter { node[$0.rawValue] != nil }
    noteUnknown(members, heads, in: node)
    guard heads.count == 1, let head = heads.first else {
      let known = RuleHead.allCases.map(\.rawValue).joined(separator: ", ")
      if heads.isEmpty {
        fault(node, "the rule names no origin for its value", "give one of \(known)")
      } else {
        let both = heads.map { "\"\($0.rawValue)\"" }.joined(separator: " and ")
        fault(node, "a rule has one origin, and this rule has \(both)", "keep one of them")
      }
      return nil
    }
    let origin = origin(head, node)
    // Steps are read even if the origin is broken, to note their faults too.
    let stepped = steps(of: node, on: origin ?? .constant(.null))
    return origin == nil ? nil : stepped
  }

  private mutating func noteUnknown(
    _ members: [JSONNode.Member], _ heads: [RuleHead], in node: JSONNode
  ) {
    let known = heads.flatMap(\.words) + StepWord.allCases.flatMap(\.words)
    for member in members where !known.contains(member.key) {
      if let owner = RuleHead.allCases.first(where: { $0.companions.contains(member.key) }) {
        add(
          PlanFault(
            at: place(member.keyPosition),
            "\(node.path): \"\(member.key)\" belongs to \"\(owner.rawValue)\"",
            remedy: "add \"\(owner.rawValue)\", or remove \"\(member.key)\""))
      } else {
        unknownKey(member, in: node, keys: PlanWords.rule)
      }
    }
  }

  private mutating func origin(_ head: RuleHead, _ node: JSONNode) -> Rule? {
    guard let value = node[head.rawValue] else { return nil }
    switch head {
    case .from: return rule(value)
    case .value: return .constant(value.value)
    case .runTime: return onlyTrue(value, "runTime", .runTime)
    case .element: return onlyTrue(value, "element", .element)
    case .object: return jsonObject(value)
    case .array: return rules(value, "a list of rules").map(Rule.array)
    case .concat: return concatenation(value, node)
    case .reference: return reference(value, node)
    case .when: return conditional(value, node)
    }
  }

  private mutating func onlyTrue(_ node: JSONNode, _ word: String, _ rule: Rule) -> Rule? {
    guard bool(node) != false else {
      fault(node, "\(word) can only be true", "write \(word): true")
      return nil
    }
    return rule
  }

  private mutating func jsonObject(_ node: JSONNode) -> Rule? {
    guard let members = members(node, "an object with a rule for each key") else { return nil }
    let rules = members.map { (key: $0.key, rule: rule($0.value)) }
    var result: [(key: String, rule: Rule)] = []
    for member in rules {
      guard let rule = member.rule else { return nil }
      result.append((member.key, rule))
    }
    return .object(result)
  }

  /// Reads a list of rules; nil if one of them is broken.
  private mutating func rules(_ node: JSONNode, _ wanted: String) -> [Rule]? {
    guard let elements = list(node, wanted) else { return nil }
    let rules = elements.map { rule($0) }
    let whole = rules.compactMap { $0 }
    return whole.count == rules.count ? whole : nil
  }

  private mutating func concatenation(_ value: JSONNode, _ node: JSONNode) -> Rule? {
    var separator = ""
    if let separatorNode = node["separator"] {
      if case .text(let text) = separatorNode.content {
        separator = text
      } else {
        mismatch(separatorNode, wanted: "text")
      }
    }
    guard let parts = rules(value, "a list of rules") else { return nil }
    guard !parts.isEmpty else {
      fault(value, "concat has no parts", "list the parts: concat: [\"a\", \"b\"]")
      return nil
    }
    return .concatenation(parts, separator: separator)
  }
}
