import MigrationBasics

/// Steps that say more than a word: conversions, bounds, lists.
extension PlanReading {
  mutating func boolean(_ node: JSONNode) -> RuleStep? {
    if case .bool = node.content {
      return bool(node) == true ? .boolean(truthy: [], falsy: [], .quarantine) : nil
    }
    let wanted = "true, or an object with yes, no and orElse"
    guard object(node, wanted, keys: PlanWords.booleanStep) != nil else { return nil }
    let truthy = node["yes"].flatMap { texts($0, "a word") } ?? []
    let falsy = node["no"].flatMap { texts($0, "a word") } ?? []
    let both = Set(truthy.map { $0.lowercased() }).intersection(falsy.map { $0.lowercased() })
    if let word = both.min() {
      fault(node, "\"\(word)\" is both yes and no", "keep it in one list")
    }
    return .boolean(truthy: truthy, falsy: falsy, orElse(node))
  }

  mutating func number(_ node: JSONNode) -> RuleStep? {
    if case .bool = node.content {
      return bool(node) == true ? .number(decimal: ".", grouping: "", .quarantine) : nil
    }
    let wanted = "true, or an object with decimal, grouping and orElse"
    guard object(node, wanted, keys: PlanWords.numberStep) != nil else { return nil }
    let decimal = node["decimal"].flatMap { separator($0) } ?? "."
    let grouping = node["grouping"].flatMap { separator($0) } ?? ""
    if decimal == grouping {
      fault(
        node, "decimal and grouping cannot be the same character",
        "give both, for instance { decimal: \",\", grouping: \".\" }")
    }
    return .number(decimal: decimal, grouping: grouping, orElse(node))
  }

  private mutating func separator(_ node: JSONNode) -> String? {
    guard let text = text(node, "one character") else { return nil }
    let isDigitOrSign = text.utf8.contains { $0.isDigit || "+-eE".utf8.contains($0) }
    guard text.count == 1, !isDigitOrSign else {
      fault(node, "\"\(text)\" cannot separate digits", "give one character, such as \",\"")
      return nil
    }
    return text
  }

  mutating func date(_ node: JSONNode) -> RuleStep? {
    if case .object = node.content {
      guard object(node, "a format", keys: PlanWords.dateStep) != nil,
        let formats = required("formats", of: node, "add formats: [\"dd.MM.yyyy\"]")
      else { return nil }
      let zone = node["timeZone"].flatMap { timeZone($0) }
      return .date(formats: dateFormats(formats), timeZone: zone, orElse(node))
    }
    return .date(formats: dateFormats(node), timeZone: nil, .quarantine)
  }

  private mutating func dateFormats(_ node: JSONNode) -> [String] {
    let formats = texts(node, "a date format such as \"dd.MM.yyyy\"") ?? []
    if case .array(let elements) = node.content, elements.isEmpty {
      fault(node, "the list of formats is empty", "give at least one, such as \"dd.MM.yyyy\"")
    }
    for format in formats {
      guard let problem = DateFormatCheck.problem(in: format) else { continue }
      fault(node, "\"\(format)\": \(problem.what)", problem.remedy)
    }
    return formats
  }

  mutating func bound(_ node: JSONNode) -> (value: String, failure: FailurePolicy)? {
    guard case .object = node.content else {
      return decimal(node).map { ($0, .quarantine) }
    }
    guard object(node, "a number or { value, orElse }", keys: PlanWords.boundStep) != nil,
      let value = required("value", of: node, "add the number: value: 0")
    else { return nil }
    let failure = orElse(node)
    return decimal(value).map { ($0, failure) }
  }

  /// Reads a finite number with all its digits, or a date.
  private mutating func decimal(_ node: JSONNode) -> String? {
    if case .text(let text) = node.content, PlanDate.isDate(text) { return text }
    guard case .number(let number) = node.content else {
      mismatch(node, wanted: "a number, or a date such as \"2000-01-31\"")
      return nil
    }
    if let integer = number.integer { return String(integer) }
    let text = number.text.hasPrefix("+") ? String(number.text.dropFirst()) : number.text
    guard JSONValue.isNumeral(text) else {
      fault(node, "\(number.text) is not a plain decimal number", "write it as 0.5 or -100")
      return nil
    }
    return text
  }

  mutating func oneOf(_ node: JSONNode) -> RuleStep? {
    var values = node
    var failure = FailurePolicy.quarantine
    if case .object = node.content {
      guard object(node, "a list of texts", keys: PlanWords.listStep) != nil,
        let listed = required("values", of: node, "add values: [\"a\", \"b\"]")
      else { return nil }
      values = listed
      failure = orElse(node)
    }
    guard let texts = texts(values, "a text") else { return nil }
    if texts.isEmpty { fault(values, "the list of values is empty", "list the values") }
    noteRepeated(texts, values)
    return .oneOf(texts, failure)
  }
}
