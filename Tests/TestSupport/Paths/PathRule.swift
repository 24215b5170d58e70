/// A rule of a plan in the property test of paths, as docs/plan.md writes it.
public indirect enum PathRule: Sendable {
  case name(String)
  case first([PathRule])
  case constant(PathValue)
  case element
  case steps(PathRule, [PathStep])
  case object([(key: String, rule: PathRule)])
  case array([PathRule])
  case concat([PathRule], separator: String)
  case when(PathCondition, then: PathRule, otherwise: PathRule?)

  /// Whether the value is one of the document, as it is there.
  var isField: Bool {
    switch self {
    case .name, .element: true
    case .steps(let rule, let steps):
      rule.isField && steps.allSatisfy { if case .path = $0 { true } else { false } }
    default: false
    }
  }

  /// The rule as JSON.
  var text: String {
    switch self {
    case .name(let name): PathValue.quoted(name)
    case .first(let rules): Self.list(rules)
    case .constant(let value): "{\"value\":\(value.plainJSON)}"
    case .element: "{\"element\":true}"
    case .steps(.element, let steps):
      "{\"element\":true," + steps.map(\.text).joined(separator: ",") + "}"
    case .steps(let rule, let steps):
      "{\"from\":\(rule.text)," + steps.map(\.text).joined(separator: ",") + "}"
    case .object(let members):
      "{\"object\":{"
        + members.map { PathValue.quoted($0.key) + ":" + $0.rule.text }.joined(separator: ",")
        + "}}"
    case .array(let rules): "{\"array\":\(Self.list(rules))}"
    case .concat(let rules, let separator):
      "{\"concat\":\(Self.list(rules)),\"separator\":\(PathValue.quoted(separator))}"
    case .when(let condition, let then, let otherwise):
      "{\"when\":\(condition.text),\"then\":\(then.text)"
        + (otherwise.map { ",\"else\":\($0.text)" } ?? "") + "}"
    }
  }

  private static func list(_ rules: [PathRule]) -> String {
    "[" + rules.map(\.text).joined(separator: ",") + "]"
  }
}

/// A step, in the order in which steps are applied.
public enum PathStep: Sendable {
  /// - Parameter isList: whether the keys are written in a list.
  case path([String], isList: Bool)
  case trim
  case collapseBlanks
  case emptyToNull
  case lowercase
  case uppercase
  case map([(from: String, to: String)], PathPolicy)
  case minimum(Int, PathPolicy)
  case oneOf([String], PathPolicy)
  case truncate(Int)
  case otherwise(PathValue)
  case required

  var text: String {
    switch self {
    case .path(let keys, let isList):
      isList
        ? "\"path\":[" + keys.map(PathValue.quoted).joined(separator: ",") + "]"
        : "\"path\":" + PathValue.quoted(keys.joined(separator: "."))
    case .trim: "\"trim\":true"
    case .collapseBlanks: "\"collapseBlanks\":true"
    case .emptyToNull: "\"emptyToNull\":true"
    case .lowercase: "\"lowercase\":true"
    case .uppercase: "\"uppercase\":true"
    case .map(let pairs, let policy):
      "\"map\":{"
        + pairs.map { PathValue.quoted($0.from) + ":" + PathValue.quoted($0.to) }.joined(
          separator: ",")
        + "},\"unmapped\":\"\(policy.rawValue)\""
    case .minimum(let bound, let policy):
      "\"min\":{\"value\":\(bound),\"orElse\":\"\(policy.rawValue)\"}"
    case .oneOf(let words, let policy):
      "\"oneOf\":{\"values\":[" + words.map(PathValue.quoted).joined(separator: ",")
        + "],\"orElse\":\"\(policy.rawValue)\"}"
    case .truncate(let count): "\"truncate\":\(count)"
    case .otherwise(let value): "\"default\":\(value.plainJSON)"
    case .required: "\"required\":true"
    }
  }
}

/// The policy for a value that does not fit.
public enum PathPolicy: String, Sendable, CaseIterable { case quarantine, null, keep }

public indirect enum PathCondition: Sendable {
  case equals(PathRule, [PathValue])
  case isNull(PathRule)
  case startsWith(PathRule, String)
  case atMost(PathRule, PathRule)
  case not(PathCondition)
  case all([PathCondition])
  case any([PathCondition])

  var text: String {
    switch self {
    case .equals(let rule, let values):
      "{\"from\":\(rule.text),\"is\":" + Self.constants(values) + "}"
    case .isNull(let rule): "{\"from\":\(rule.text),\"isNull\":true}"
    case .startsWith(let rule, let prefix):
      "{\"from\":\(rule.text),\"startsWith\":\(PathValue.quoted(prefix))}"
    case .atMost(let rule, let bound): "{\"from\":\(rule.text),\"atMost\":\(bound.text)}"
    case .not(let condition): "{\"not\":\(condition.text)}"
    case .all(let conditions): "{\"all\":[" + conditions.map(\.text).joined(separator: ",") + "]}"
    case .any(let conditions): "{\"any\":[" + conditions.map(\.text).joined(separator: ",") + "]}"
    }
  }

  private static func constants(_ values: [PathValue]) -> String {
    values.count == 1
      ? values[0].plainJSON : "[" + values.map(\.plainJSON).joined(separator: ",") + "]"
  }
}
