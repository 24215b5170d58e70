import MigrationBasics

/// References to other tables, and conditional rules.
extension PlanReading {
  mutating func reference(_ value: JSONNode, _ node: JSONNode) -> Rule? {
    let table = name(value, "the name of a table of the plan")
    if let table { mentions.append((table, place(value))) }
    let remedy = "name the columns that identify the row: by: { supplier_code: \"supplier_code\" }"
    let ways = required("by", of: node, remedy).flatMap { self.ways($0) }
    let result = node["result"].flatMap { name($0, "the name of a column") }
    let words = [FailurePolicy.quarantine, .null].map(\.rawValue)
    let orphan = node["orphan"].flatMap { choice($0, of: words) }.flatMap(FailurePolicy.init)
    guard let table, let ways else { return nil }
    return .reference(
      Reference(table: table, result: result ?? "id", ways: ways, orphan: orphan ?? .quarantine))
  }

  /// Reads the ways to find a row: an object, or a list of objects if a column comes twice.
  private mutating func ways(_ node: JSONNode) -> [Reference.Way]? {
    var members: [JSONNode.Member] = []
    if case .array(let elements) = node.content {
      members = elements.flatMap { self.members($0, "an object: { column: rule }") ?? [] }
    } else {
      let wanted = "an object with a rule for each column to look up"
      guard let own = self.members(node, wanted) else { return nil }
      members = own
    }
    guard !members.isEmpty else {
      fault(node, "\"by\" names no column", "name a column: by: { id: \"supplier_id\" }")
      return nil
    }
    let ways = members.map { (column: $0.key, value: rule($0.value)) }
    let whole = ways.compactMap { way in
      way.value.map { Reference.Way(column: way.column, value: $0) }
    }
    return whole.count == ways.count ? whole : nil
  }

  mutating func conditional(_ value: JSONNode, _ node: JSONNode) -> Rule? {
    let condition = self.condition(value)
    let remedy = "give the value for rows that meet the condition: then: \"column\""
    let then = required("then", of: node, remedy).flatMap { rule($0) }
    let otherwise = node["else"].map { rule($0) } ?? .constant(.null)
    guard let condition, let then, let otherwise else { return nil }
    return .conditional(condition, then: then, otherwise: otherwise)
  }

  mutating func condition(_ node: JSONNode) -> RuleCondition? {
    let wanted = "a condition, for instance { from: \"status\", is: \"open\" }"
    guard object(node, wanted, keys: PlanWords.condition) != nil else { return nil }
    let words = (PlanWords.conditionTests + PlanWords.conditionLinks).filter { node[$0] != nil }
    guard words.count == 1, let word = words.first, let value = node[word] else {
      let known = "is, isNull, startsWith, atMost, not, all, any"
      let what =
        words.isEmpty ? "the condition has no test" : "the condition has more than one test"
      fault(node, what, "give one of \(known); combine several with all: [ … ]")
      return nil
    }
    if PlanWords.conditionLinks.contains(word) {
      if let from = node["from"] {
        fault(
          from, "\"from\" cannot be combined with \"\(word)\"", "move it into the inner conditions")
      }
      return link(word, value)
    }
    guard
      let from = required("from", of: node, "name the column to test: from: \"status\"")
        .flatMap({ rule($0) })
    else { return nil }
    return test(word, value, from)
  }

  private mutating func link(_ word: String, _ node: JSONNode) -> RuleCondition? {
    if word == "not" { return condition(node).map(RuleCondition.not) }
    guard let elements = list(node, "a list of conditions") else { return nil }
    guard !elements.isEmpty else {
      fault(node, "the list of conditions is empty", "list at least one")
      return nil
    }
    let conditions = elements.map { condition($0) }
    let whole = conditions.compactMap { $0 }
    guard whole.count == conditions.count else { return nil }
    return word == "all" ? .all(whole) : .any(whole)
  }

  private mutating func test(_ word: String, _ node: JSONNode, _ from: Rule) -> RuleCondition? {
    switch word {
    case "isNull":
      return bool(node).map { $0 ? .isNull(from) : .not(.isNull(from)) }
    case "startsWith":
      return text(node, "the beginning of a text").map { .matches(from, prefix: $0) }
    case "atMost":
      return rule(node).map { .atMost(from, $0) }
    default:
      return scalars(node).map { .equals(from, $0) }
    }
  }

  private mutating func scalars(_ node: JSONNode) -> [JSONValue]? {
    var nodes = [node]
    if case .array(let elements) = node.content { nodes = elements }
    guard !nodes.isEmpty else {
      fault(node, "the list of values is empty", "give a value or a list of values")
      return nil
    }
    for node in nodes {
      switch node.content {
      case .null: fault(node, "nothing equals null", "test for it with isNull: true")
      case .array, .object: mismatch(node, wanted: "text, a number, true or false")
      case .text, .number, .bool: continue
      }
      return nil
    }
    return nodes.map(\.value)
  }
}
