/// Makes documents, paths and rules that meet often enough.
struct PathMaker {
  var random: CaseRandom
  var documents: [PathValue] = []
  var each: [String]?

  private static let keys = ["a", "b", "c", "a.b", "0", "x y"]
  private static let words = ["x", "X y", "", " 5 ", "5", "-7", "1.5", "true", "No", "ž\"\\", "ab"]

  init(seed: UInt64) { random = CaseRandom(seed: seed) }

  // MARK: Documents

  mutating func document(number: Int) -> PathValue {
    var members: [PathValue.Member] = [
      .init("_id", .int(number)), .init("k", .int(random.number(4))),
    ]
    for key in Self.keys where random.chance(55) { members.append(.init(key, value(depth: 0))) }
    return .document(members)
  }

  private mutating func value(depth: Int) -> PathValue {
    let kind = random.number(depth > 2 ? 55 : 100)
    if kind < 55 { return scalar() }
    if kind < 78 { return embedded(depth) }
    return .array((0..<random.number(4)).map { _ in value(depth: depth + 1) })
  }

  private mutating func embedded(_ depth: Int) -> PathValue {
    var members: [PathValue.Member] = []
    for key in Self.keys where random.chance(40) {
      members.append(.init(key, value(depth: depth + 1)))
    }
    return .document(members)
  }

  private mutating func scalar() -> PathValue {
    switch random.number(10) {
    case 0: .null
    case 1: .bool(random.chance(50))
    case 2: .int(random.pick([0, 1, 5, -7, 2_147_483_647]))
    case 3: .long(random.pick([0, 1, 42, 3_000_000_000]))
    case 4: .double(random.pick([0.5, 1, -2.25, 5, 3_000_000_000]))
    case 5: .id(random.pick(["65a1b2c3d4e5f60718293a4b", "000000000000000000000001"]))
    case 6: .json(json())
    default: .text(random.pick(Self.words))
    }
  }

  /// A value that a text may be the JSON of.
  private mutating func json() -> PathValue {
    .document([
      .init("a", random.pick([.int(5), .null, .text("in"), .array([.int(1), .text("x")])])),
      .init("b", random.pick([.document([.init("c", .text("deep"))]), .array([]), .bool(true)])),
    ])
  }

  // MARK: Paths

  /// A path that leads to something in one of the documents, or nearly so.
  mutating func path() -> [String] {
    guard random.chance(80), case .document(let members) = random.pick(documents),
      members.count > 2
    else { return (0...random.number(3)).map { _ in random.pick(Self.keys + ["1"]) } }
    let member = random.pick(Array(members.dropFirst(2)))
    var keys = [member.key]
    var value = member.value
    while random.chance(75), let (key, next) = step(into: value) {
      if let key { keys.append(key) }
      value = next
    }
    return keys
  }

  /// A way into a value: with a key, or through an array without one.
  private mutating func step(into value: PathValue) -> (String?, PathValue)? {
    switch value {
    case .document(let members):
      guard !members.isEmpty else { return nil }
      let member = random.pick(members)
      return (member.key, member.value)
    case .array(let values):
      guard !values.isEmpty else { return nil }
      let number = random.number(values.count)
      return (random.chance(50) ? "\(number)" : nil, values[number])
    case .json(let inner): return step(into: inner)
    default: return nil
    }
  }

  // MARK: Rules

  mutating func rule(for type: PathType) -> PathRule {
    if type == .jsonb, random.chance(30) { return built(depth: 0) }
    var rule = origin(depth: 0, for: type)
    var steps = steps(for: type)
    // What a rule has put together is no text that is looked into.
    if rule.isField, random.chance(15) { steps.insert(.path(path(), isList: true), at: 0) }
    if !steps.isEmpty { rule = .steps(rule, steps) }
    return rule
  }

  private mutating func built(depth: Int) -> PathRule {
    if random.chance(30) {
      return .array((0...random.number(2)).map { _ in part(depth: depth) })
    }
    return .object(
      Self.keys.filter { _ in random.chance(40) }.map { ($0, part(depth: depth)) })
  }

  private mutating func part(depth: Int) -> PathRule {
    random.chance(25) && depth < 2 ? built(depth: depth + 1) : origin(depth: 1, for: .jsonb)
  }

  private mutating func origin(depth: Int, for type: PathType) -> PathRule {
    switch random.number(depth > 1 ? 60 : 100) {
    case ..<30: return .name(path().joined(separator: "."))
    case ..<45: return fieldWithPath()
    case ..<60 where each != nil:
      return random.chance(50)
        ? .element : .steps(.element, [.path(path(), isList: true)])
    case ..<65: return .name(random.pick(Self.keys))
    case ..<78:
      return .first((0...random.number(3) + 1).map { _ in origin(depth: depth + 2, for: type) })
    case ..<84: return .constant(constant(for: type))
    case ..<90 where type == .text:
      let rules = (0...random.number(2)).map { _ in origin(depth: depth + 1, for: .text) }
      return .concat(rules, separator: random.pick(["", " ", "-"]))
    default:
      let otherwise = random.chance(70) ? origin(depth: depth + 1, for: type) : nil
      return .when(
        condition(depth: 0), then: origin(depth: depth + 1, for: type), otherwise: otherwise)
    }
  }

  private mutating func fieldWithPath() -> PathRule {
    let keys = path()
    guard keys.count > 1 else { return .name(keys[0]) }
    let rest = Array(keys.dropFirst())
    let needsList = rest.contains { $0.contains(".") }
    return .steps(.name(keys[0]), [.path(rest, isList: needsList || random.chance(30))])
  }

  private mutating func condition(depth: Int) -> PathCondition {
    let rule = PathRule.name(path().joined(separator: "."))
    switch random.number(depth > 1 ? 60 : 100) {
    case ..<30:
      let values: [PathValue] = [.text("x"), .text("5"), .int(5), .bool(true), .text("true")]
      return .equals(rule, (0...random.number(2)).map { _ in random.pick(values) })
    case ..<50: return .isNull(rule)
    case ..<52: return .startsWith(rule, random.pick(["x", "X", "5", "{", "t"]))
    case ..<60: return .atMost(rule, bound())
    case ..<75: return .not(condition(depth: depth + 1))
    case ..<88: return .all((0...random.number(2)).map { _ in condition(depth: depth + 1) })
    default: return .any((0...random.number(2)).map { _ in condition(depth: depth + 1) })
    }
  }

  /// What a value is to be compared with: a constant, another field, or a field with a value in its place.
  private mutating func bound() -> PathRule {
    let constants: [PathValue] = [
      .int(0), .int(5), .double(0.5), .text("x"), .text("5"), .text(""),
    ]
    let constant = random.pick(constants)
    let field = PathRule.name(path().joined(separator: "."))
    return switch random.number(3) {
    case 0: .constant(constant)
    case 1: field
    default: .steps(field, [.otherwise(constant)])
    }
  }

  private mutating func constant(for type: PathType) -> PathValue {
    switch type {
    case .text: .text("constant")
    case .integer, .bigint: .int(17)
    case .boolean: .bool(true)
    case .double: .double(2.5)
    case .jsonb: .document([.init("k", .int(1))])
    case .texts: .array([.text("p"), .text("q")])
    case .integers: .array([.int(1), .int(2)])
    }
  }

  /// Steps that go with a type, in their order.
  private mutating func steps(for type: PathType) -> [PathStep] {
    guard random.chance(45) else { return [] }
    var steps: [PathStep] = []
    let isText = type == .text
    if isText {
      if random.chance(25) { steps.append(.trim) }
      if random.chance(10) { steps.append(.collapseBlanks) }
      if random.chance(25) { steps.append(.emptyToNull) }
      if random.chance(12) {
        steps.append(.lowercase)
      } else if random.chance(10) {
        steps.append(.uppercase)
      }
      if random.chance(10) {
        steps.append(.map([("x", "mapped"), ("5", "five")], random.pick(PathPolicy.allCases)))
      }
      if random.chance(10) {
        steps.append(.oneOf(["x", "5", "mapped", "ab"], random.pick(PathPolicy.allCases)))
      }
      if random.chance(10) { steps.append(.truncate(random.pick([1, 3, 10]))) }
    } else if type == .integer || type == .bigint || type == .double, random.chance(25) {
      steps.append(.minimum(random.pick([-5, 0, 1]), random.pick(PathPolicy.allCases)))
    }
    if random.chance(25) { steps.append(.otherwise(constant(for: type))) }
    if random.chance(15) { steps.append(.required) }
    return steps
  }
}
