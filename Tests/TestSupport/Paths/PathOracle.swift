/// What docs/plan.md and docs/types.md say that becomes of a document: slow, simple, and independent of
/// the program.
public struct PathOracle {
  /// A row is not loaded.
  public struct Rejected: Error {}

  let document: PathValue
  let element: PathValue?

  /// The rows that a document makes: the values of the columns, or nil for a rejected row.
  public static func rows(_ document: PathValue, _ plan: PathPlan) -> [[PathValue]?] {
    let elements: [PathValue?] =
      plan.each.map { Self.elements(of: document, $0[...]).map { $0 } } ?? [nil]
    return elements.map { element in
      let oracle = PathOracle(document: document, element: element)
      return try? plan.columns.map { try $0.type.converted(try oracle.value(of: $0.rule)) }
    }
  }

  /// The values that `each` takes: elements of the arrays at the end of a path, through arrays on the way.
  static func elements(of value: PathValue, _ keys: ArraySlice<String>) -> [PathValue] {
    guard let key = keys.first else {
      if case .array(let values) = value { return values }
      return value.isNull ? [] : [value]
    }
    switch value {
    case .document(let members):
      guard let member = members.last(where: { $0.key == key }) else { return [] }
      return elements(of: member.value, keys.dropFirst())
    case .array(let values):
      guard let number = number(key) else { return values.flatMap { elements(of: $0, keys) } }
      return number < values.count ? elements(of: values[number], keys.dropFirst()) : []
    default: return []
    }
  }

  static func number(_ key: String) -> Int? {
    !key.isEmpty && key.allSatisfy { "0123456789".contains($0) } ? Int(key) : nil
  }

  // MARK: Rules

  func value(of rule: PathRule) throws(Rejected) -> PathValue {
    switch rule {
    case .name(let name): return try field(name)
    case .first(let rules):
      for rule in rules {
        let value = try value(of: rule)
        if !value.isNull { return value }
      }
      return .null
    case .constant(let value): return value
    case .element: return element ?? .null
    case .steps(let rule, let steps):
      var value = try value(of: rule)
      for step in steps { value = try self.value(value, after: step) }
      return value
    case .object(let members):
      var made: [PathValue.Member] = []
      for member in members { made.append(.init(member.key, try value(of: member.rule))) }
      return .document(made)
    case .array(let rules):
      var made: [PathValue] = []
      for rule in rules { made.append(try value(of: rule)) }
      return .array(made)
    case .concat(let rules, let separator):
      var parts: [PathValue] = []
      for rule in rules {
        let value = try value(of: rule)
        if !value.isNull { parts.append(value) }
      }
      if case .json(let inner)? = parts.first, parts.count == 1 { return .json(inner) }
      let text = parts.compactMap(\.shownText).joined(separator: separator)
      return parts.isEmpty ? .null : .text(text)
    case .when(let condition, let then, let otherwise):
      if try holds(condition) { return try value(of: then) }
      return try otherwise.map { rule throws(Rejected) in try value(of: rule) } ?? .null
    }
  }

  /// A field of that very name, or else what the name leads to as a path.
  private func field(_ name: String) throws(Rejected) -> PathValue {
    guard case .document(let members) = document else { return .null }
    if let own = members.last(where: { $0.key == name }) { return own.value }
    let keys = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard keys.count > 1, !keys.contains("") else { return .null }
    return try Self.part(of: document, keys[...])
  }

  static func part(of value: PathValue, _ keys: ArraySlice<String>) throws(Rejected) -> PathValue {
    guard let key = keys.first else { return value }
    switch value {
    case .null: return .null
    case .document(let members):
      let member = members.last { $0.key == key }
      return try part(of: member?.value ?? .null, keys.dropFirst())
    case .array(let values):
      guard let number = number(key) else {
        if values.isEmpty { return .null }
        throw Rejected()
      }
      return number < values.count ? try part(of: values[number], keys.dropFirst()) : .null
    case .json(let inner):
      // A text is read as JSON; a text inside of it is only a text, and a number is a numeric.
      let found = try part(of: inner, keys)
      if case .int(let number) = found { return .double(Double(number)) }
      return found
    default: throw Rejected()
    }
  }

  func holds(_ condition: PathCondition) throws(Rejected) -> Bool {
    switch condition {
    case .isNull(let rule): return try value(of: rule).isNull
    case .equals(let rule, let values):
      let value = try value(of: rule)
      return values.contains { Self.equal(value, $0) }
    case .startsWith(let rule, let prefix):
      return try value(of: rule).shownText?.hasPrefix(prefix) ?? false
    case .atMost(let rule, let bound):
      let (value, limit) = (try value(of: rule), try value(of: bound))
      return Self.isAtMost(value, limit)
    case .not(let condition): return try !holds(condition)
    case .all(let conditions): return try answers(conditions).allSatisfy { $0 }
    case .any(let conditions): return try answers(conditions).contains(true)
    }
  }

  private func answers(_ conditions: [PathCondition]) throws(Rejected) -> [Bool] {
    var answers: [Bool] = []
    for condition in conditions { answers.append(try holds(condition)) }
    return answers
  }

  /// Numbers by value, also those in texts; all else by the bytes of its text.
  private static func isAtMost(_ value: PathValue, _ bound: PathValue) -> Bool {
    if value.number != nil || bound.number != nil {
      guard let one = value.readNumber, let two = bound.readNumber else { return false }
      return one <= two
    }
    guard let one = value.shownText, let two = bound.shownText else { return false }
    return !two.utf8.lexicographicallyPrecedes(one.utf8)
  }

  /// Numbers equal by value, also those in texts; all else by its text.
  private static func equal(_ left: PathValue, _ right: PathValue) -> Bool {
    if left.isNull || right.isNull { return left.isNull && right.isNull }
    guard left.number != nil || right.number != nil else {
      return left.shownText == right.shownText
    }
    guard let one = left.readNumber, let two = right.readNumber else { return false }
    return one == two
  }
}

extension PathOracle {
  private func value(
    _ value: PathValue, after step: PathStep
  ) throws(Rejected) -> PathValue {
    switch step {
    case .path(let keys, _): return try Self.part(of: value, keys[...])
    case .otherwise(let other): return value.isNull ? other : value
    case .required:
      if value.isNull { throw Rejected() }
      return value
    case .map(let pairs, let policy):
      guard let text = value.shownText else { return value }
      if let pair = pairs.first(where: { $0.from == text }) { return .text(pair.to) }
      return try settle(value, policy)
    case .oneOf(let words, let policy):
      guard let text = value.shownText, !words.contains(text) else { return value }
      return try settle(value, policy)
    case .minimum(let bound, let policy):
      if value.isNull { return value }
      guard let number = value.readNumber, number >= Double(bound) else {
        return try settle(value, policy)
      }
      return value
    case .truncate(let count):
      guard let text = value.shownText else { return value }
      return .text(String(text.unicodeScalars.prefix(count).map(Character.init)))
    default: return textStep(value, step)
    }
  }

  private func settle(_ value: PathValue, _ policy: PathPolicy) throws(Rejected) -> PathValue {
    switch policy {
    case .quarantine: throw Rejected()
    case .null: return .null
    case .keep: return value
    }
  }

  /// Steps that change texts, and leave other values alone.
  private func textStep(_ value: PathValue, _ step: PathStep) -> PathValue {
    let text: String
    switch value {
    case .text(let own): text = own
    case .json(let inner): text = inner.plainJSON
    default: return value
    }
    let blanks: Set<Character> = [" ", "\t", "\n"]
    switch step {
    case .trim:
      let start = text.drop { blanks.contains($0) }
      let kept = String(start.reversed().drop { blanks.contains($0) }.reversed())
      return kept == text ? value : .text(kept)
    case .collapseBlanks:
      let words = text.split { blanks.contains($0) }.joined(separator: " ")
      return words == text ? value : .text(words)
    case .emptyToNull: return text.isEmpty ? .null : value
    case .lowercase: return Self.same(value, text, text.lowercased())
    case .uppercase: return Self.same(value, text, text.uppercased())
    default: return value
    }
  }

  private static func same(_ value: PathValue, _ old: String, _ new: String) -> PathValue {
    old == new ? value : .text(new)
  }
}
