import MigrationBasics
import MigrationPlan
import Postgres

/// Which words a rule can give, if its last steps leave only listed ones.
enum WordList {
  /// Returns the words; nil if there are others.
  static func words(of rule: Rule) -> Set<String>? {
    switch rule {
    case .constant(.text(let word)): [word]
    case .constant(.null): []
    case .conditional(_, let then, let otherwise):
      words(of: then).flatMap { first in words(of: otherwise).map { first.union($0) } }
    case .step(let rule, let step): words(of: rule, step)
    default: nil
    }
  }

  private static func words(of rule: Rule, _ step: RuleStep) -> Set<String>? {
    switch step {
    case .oneOf(let list, .quarantine), .oneOf(let list, .null): return Set(list)
    case .map(let map, let otherwise): return words(map, otherwise)
    case .otherwise(let other):
      return words(of: rule).flatMap { first in words(of: other).map { first.union($0) } }
    case .required: return words(of: rule)
    default: return nil
    }
  }

  private static func words(_ map: [String: JSONValue], _ otherwise: MapOtherwise) -> Set<String>? {
    var all: Set<String> = []
    var values = Array(map.values)
    switch otherwise {
    case .policy(.keep): return nil
    case .policy: break
    case .value(let value): values.append(value)
    }
    for value in values {
      switch value {
      case .text(let word): all.insert(word)
      case .null: break
      default: return nil
      }
    }
    return all
  }
}

/// The shape of a JSON value that a rule builds.
enum JSONShape: Equatable {
  case object(keys: Set<String>)
  case array(count: Int)

  init?(_ rule: Rule) {
    switch rule {
    case .object(let members): self = .object(keys: Set(members.map(\.key)))
    case .array(let rules): self = .array(count: rules.count)
    case .step(let rule, .required): self.init(rule)
    default: return nil
    }
  }

  /// The condition on a jsonb value that has another shape.
  func violation(of value: String) -> String {
    switch self {
    case .object(let keys):
      let list = keys.sorted().map { SQL.literal($0) }.joined(separator: ", ")
      return "\(value) IS NOT NULL AND CASE WHEN jsonb_typeof(\(value)) = 'object' THEN "
        + "NOT (\(value) ?& ARRAY[\(list)]::text[]) "
        + "OR \(value) - ARRAY[\(list)]::text[] <> '{}' ELSE true END"
    case .array(let count):
      return "\(value) IS NOT NULL AND CASE WHEN jsonb_typeof(\(value)) = 'array' THEN "
        + "jsonb_array_length(\(value)) <> \(count) ELSE true END"
    }
  }
}
