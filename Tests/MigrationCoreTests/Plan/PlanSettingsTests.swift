import Testing

@testable import MigrationBasics
@testable import MigrationPlan

/// Settings that a plan holds: the weakest place but for the defaults.
@Suite struct PlanSettingsTests {
  private func text(_ settings: String) -> String {
    """
    { name: "test", source: { kind: "postgres" }, settings: \(settings),
      tables: { t: { from: "old", key: "id", columns: { id: "id" } } } }
    """
  }

  @Test func aPlanHoldsSettingsOfARun() throws {
    let plan = try readPlan(
      text(
        #"{ DATABASE_POOL_SIZE: 20, MIGRATION_TIMEOUT: "10m", MIGRATION_PARALLEL_ENABLED: false }"#)
    )
    #expect(
      plan.settings == [
        "DATABASE_POOL_SIZE": "20", "MIGRATION_TIMEOUT": "10m",
        "MIGRATION_PARALLEL_ENABLED": "false",
      ])
    let settings = try Settings.resolve(environment: [:], folder: "/nonexistent")
      .with(plan: plan.settings)
    #expect(settings.value(.poolSize) == 20)
    #expect(settings.entry("DATABASE_POOL_SIZE")?.originText == "plan")
  }

  /// When a run stops and how it works is no reason to begin anew.
  @Test func settingsDoNotChangeWhatAPlanMeans() throws {
    let (one, other) = (
      try readPlan(text("{}")), try readPlan(text(#"{ MIGRATION_BATCH_SIZE: "7" }"#))
    )
    #expect(one.meaning == other.meaning)
  }

  @Test(arguments: [
    (#"{ DATABASE_POOL_SIZ: 20 }"#, "settings: DATABASE_POOL_SIZ is not a setting"),
    (#"{ DATABASE_URL: "postgres://h/d" }"#, "settings: DATABASE_URL cannot be set by a plan"),
    (#"{ POSTGRESQL_URL: "postgres://h/d" }"#, "settings: POSTGRESQL_URL cannot be set by a plan"),
    (
      #"{ MIGRATION_MAX_MEMORY: "1GiB" }"#, "settings: MIGRATION_MAX_MEMORY cannot be set by a plan"
    ),
    (#"{ NOTIFY_COMMAND: "rm" }"#, "settings: NOTIFY_COMMAND cannot be set by a plan"),
    (
      #"{ DATABASE_POOL_SIZE: 0 }"#,
      #"settings.DATABASE_POOL_SIZE: expected a whole number from 1 to 1000, found "0""#
    ),
    (
      #"{ DATABASE_POOL_SIZE: "env:POOL" }"#,
      #"settings.DATABASE_POOL_SIZE: expected a whole number from 1 to 1000, found "env:POOL""#
    ),
  ]) func whatAPlanMayNotHoldIsAFault(_ settings: String, _ what: String) {
    #expect(planFaults(text(settings)).map(\.what) == [what])
  }
}
