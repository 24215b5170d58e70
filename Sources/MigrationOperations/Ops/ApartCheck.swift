import MigrationBasics
import MigrationEngine
import MigrationPlan

/// Whether the source that is set and the target are apart, as one of the checks before a migration.
package struct ApartCheck {
  private let settings: Settings
  private let plan: Plan?
  private let results: [ProbeResult]

  /// - Parameter plan: the plan that would be run; without it only databases can be compared.
  package init(_ settings: Settings, plan: Plan?, _ results: [ProbeResult]) {
    (self.settings, self.plan, self.results) = (settings, plan, results)
  }

  /// Returns nil if there is nothing to compare: another kind of source, or a database that was not
  /// reached, which is reported already.
  package func run() -> Check? {
    guard reached(.source), reached(.target) else { return nil }
    do {
      if let plan {
        guard !plan.source.kind.hasDocuments else { return nil }
        try Databases(settings).keepApart(plan)
      } else if try isOne() {
        return .warning(
          .settings, Self.name, "source and target are one database",
          remedy: "pass --plan: its source tables must not be target tables")
      }
      return .pass(.settings, Self.name, "no target table is a source table")
    } catch {
      let failure = error as? MigrationError
      return .failure(
        .settings, Self.name, failure?.what ?? "could not compare them: \(error)",
        remedy: failure?.remedy ?? "see: migrate test-connections")
    }
  }

  private static let name = "source and target"

  private func isOne() throws -> Bool {
    try Databases(settings).isSource(Databases(settings).postgres(.target).connect())
  }

  /// Whether the PostgreSQL database of a role answered.
  private func reached(_ role: DatabaseRole) -> Bool {
    results.contains { result in
      result.database.role == role && result.facts?.postgres != nil
    }
  }
}
