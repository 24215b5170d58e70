import Testing

@testable import MigrationBasics
@testable import MigrationPlan

/// What a plan says about a migration that goes wrong.
@Suite struct PlanTriggersTests {
  private func text(_ head: String) -> String {
    """
    { name: "shop", source: { kind: "postgres" }, \(head),
      tables: { items: { from: "old", key: "id", columns: { id: "id" } } } }
    """
  }

  @Test func areReadWithTheLimitsThatTheyActOn() throws {
    let plan = try readPlan(
      text(
        #"""
        limits: { leastRows: 50, memory: "2GiB", time: "4h" },
        triggers: { errors: "rollback table", time: "stop", corruption: "rollback session", rollback: "on" }
        """#))
    #expect(plan.limits.leastRows == 50)
    #expect(plan.limits.memoryLimit == 2 << 30)
    #expect(plan.triggers.action(.errors) == .rollbackTable)
    #expect(plan.triggers.action(.corruption) == .rollbackSession)
    #expect(plan.triggers.names(.time) && plan.triggers.action(.time) == .stop)
    #expect(plan.triggers.rollback == .on)
  }

  @Test func stopAndAskUnlessThePlanSaysMore() throws {
    let plan = try readPlan(text("triggers: {}"))
    for kind in Triggers.Kind.allCases {
      #expect(plan.triggers.action(kind) == .stop && !plan.triggers.names(kind))
    }
    #expect(plan.triggers.rollback == .ask)
    #expect(plan.limits.leastRows == 1000 && plan.limits.memoryLimit == nil)
    // A rehearsal and a changed set of rules are of the same plan, or of none.
    #expect(plan.with(rules: []).triggers == plan.triggers)
  }

  @Test(arguments: [
    (#"triggers: { errors: "rollback" }"#, "unknown word \"rollback\""),
    (#"triggers: { error: "stop" }"#, "did you mean \"errors\"?"),
    (#"triggers: { validation: "rollback table" }"#, "unknown word \"rollback table\""),
    (#"triggers: { time: "rollback session" }"#, "limits.time"),
    (#"triggers: { rollback: true }"#, "one of \"off\", \"ask\", \"on\""),
    (#"triggers: "stop""#, "an object with an action for each trigger"),
    (#"limits: { memory: 5 }"#, "a size with a unit"),
    (#"limits: { memory: "much" }"#, "\"much\" is not a size with a unit"),
    (#"limits: { leastRows: 0 }"#, "a whole number from 1"),
  ]) func areCheckedWithTheirPlaces(_ head: String, _ told: String) throws {
    let faults = planFaults(text(head)).map { "\($0)" }.joined(separator: "\n")
    #expect(faults.contains(told), "\(faults)")
  }

  @Test func eachLimitsCodeHasItsKind() {
    let kinds = ErrorCode.allCases.compactMap { Triggers.Kind($0) }
    #expect(Set(kinds) == Set(Triggers.Kind.allCases).subtracting([.validation]))
    #expect(kinds.count == Set(kinds).count)
  }
}
