import MigrationBasics

/// What follows on its own when a migration goes wrong.
extension PlanReading {
  /// - Parameter limits: the plan's limits, without which some triggers would never act.
  mutating func triggerSpec(_ node: JSONNode, _ limits: Limits) -> Triggers {
    let wanted = "an object with an action for each trigger: { errors: \"rollback table\" }"
    guard object(node, wanted, keys: PlanWords.triggers) != nil else { return Triggers() }
    var named: [Triggers.Kind: Triggers.Action] = [:]
    for kind in Triggers.Kind.allCases {
      guard let value = node[kind.rawValue] else { continue }
      named[kind] = choice(value, of: kind.actions.map(\.rawValue)).flatMap(Triggers.Action.init)
    }
    if let time = node[Triggers.Kind.time.rawValue], limits.timeLimit == nil {
      fault(
        time, "the plan has no time limit", "set limits.time")
    }
    let words = Triggers.Consent.allCases.map(\.rawValue)
    let rollback = node["rollback"].flatMap { choice($0, of: words) }
      .flatMap(Triggers.Consent.init)
    return Triggers(named, rollback: rollback ?? .ask)
  }
}
