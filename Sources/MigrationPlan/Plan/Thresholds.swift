/// What has to hold before a migration may begin, and after it.
public struct Thresholds: Sendable, Hashable {
  /// The share of source rows without an error must be above this; 1 asks for every row.
  public let quality: Double
  /// The most critical errors there may be.
  public let critical: Int
  /// The share of the plan's tables that fit the target, at least.
  public let schema: Double
  /// A round trip to each database must take less, in the median.
  public let roundTrip: Duration
  /// The share of rows that are quarantined after a migration must be below this; nil leaves it to people.
  public let quarantined: Double?

  public init(
    quality: Double = 0.95, critical: Int = 0, schema: Double = 1,
    roundTrip: Duration = .milliseconds(50), quarantined: Double? = nil
  ) {
    (self.quality, self.critical) = (quality, critical)
    (self.schema, self.roundTrip, self.quarantined) = (schema, roundTrip, quarantined)
  }

  /// Whether a score is good enough.
  public func accepts(quality score: Double) -> Bool {
    quality < 1 ? score > quality : score >= 1
  }
}

extension Plan {
  /// The same plan with other business rules.
  package func with(rules: [BusinessRule]) -> Plan {
    var plan = self
    plan.rules = rules
    return plan
  }

  /// The same plan for tables in another schema, without limits at which a run would stop.
  package func rehearsed(in schema: String) -> Plan {
    var plan = self
    plan.target = TargetSpec(setting: target.setting, schema: schema)
    // No share of rows is more than all of them.
    plan.limits = Limits(warnErrorShare: 2, stopErrorShare: 2)
    (plan.triggers, plan.rules, plan.queries) = (Triggers(), [], [])
    return plan
  }
}
