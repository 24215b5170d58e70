import MigrationBasics
import MigrationEngine
import MigrationPlan

/// Whether rules of the plan's target tables (`CREATE RULE`) would stand in a rollback's way, as one of the checks
/// before a migration.
struct RulesCheck {
  let settings: Settings
  let plan: Plan

  /// Returns nil if there is no such rule.
  func run() -> Check? {
    do {
      let live = try CatalogReader(Databases(settings).postgres(.target).connect())
        .tables(schema: plan.target.schema, named: plan.tables.map(\.name))
      let found = live.filter { !$0.rules(on: .delete).isEmpty }
      guard !found.isEmpty else { return nil }
      return .warning(
        .settings, Self.name,
        found.map { "\($0.schema).\($0.name) has \($0.rules(on: .delete).words)" }
          .joined(separator: ", ") + ": a rollback would be refused",
        remedy: "switch it off before a rollback: "
          + (try found.map { try $0.rules(on: .delete).switchingOff($0) }.joined(separator: "; ")))
    } catch {
      return .failure(
        .settings, Self.name,
        "could not check: " + ((error as? MigrationError)?.what ?? "\(error)"),
        remedy: "see: migrate test-connections")
    }
  }

  private static let name = "rules of the target's tables"
}
