extension Rule {
  /// Visits this rule and every rule inside it, the outer ones first.
  package func walk(_ visit: (Rule) -> Void) {
    visit(self)
    for child in children { child.walk(visit) }
  }

  /// The rules that this one is directly built of.
  package var children: [Rule] {
    switch self {
    case .source, .constant, .runTime, .element: []
    case .object(let members): members.map(\.rule)
    case .array(let rules), .concatenation(let rules, _): rules
    case .part(let rule, _), .identity(_, let rule): [rule]
    case .step(let rule, .otherwise(let other)): [rule, other]
    case .step(let rule, _): [rule]
    case .reference(let reference): reference.ways.map(\.value)
    case .conditional(let condition, let then, let otherwise):
      condition.rules + [then, otherwise]
    }
  }

  /// The source columns that the rule reads.
  package var sourceColumns: Set<String> {
    var columns: Set<String> = []
    walk { rule in
      if case .source(let names) = rule { columns.formUnion(names) }
    }
    return columns
  }

  /// Whether the rule's value depends on the source's rows.
  package var readsSource: Bool {
    var found = false
    walk { rule in
      switch rule {
      case .source, .element: found = true
      default: break
      }
    }
    return found
  }

  /// The look-ups in the rule.
  package var references: [Reference] {
    var found: [Reference] = []
    walk { rule in
      if case .reference(let reference) = rule { found.append(reference) }
    }
    return found
  }

  /// The entity whose ids the rule makes; nil if it makes none.
  package var entity: String? {
    switch self {
    case .identity(let entity, _): entity
    case .step(let rule, _): rule.entity
    default: nil
    }
  }
}

extension RuleCondition {
  /// The rules whose values the condition checks.
  package var rules: [Rule] {
    switch self {
    case .isNull(let rule), .equals(let rule, _), .matches(let rule, _): [rule]
    case .atMost(let rule, let bound): [rule, bound]
    case .not(let condition): condition.rules
    case .all(let conditions), .any(let conditions): conditions.flatMap(\.rules)
    }
  }
}
