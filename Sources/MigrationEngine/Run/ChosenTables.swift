import MigrationBasics
import MigrationPlan

extension RunRequest {
  /// The tables that were asked for, in the order of loading.
  func chosenTables() throws -> [TablePlan] {
    let all = PlanOrder(plan.tables).tables
    guard let names = tables else { return all }
    for name in names where !all.contains(where: { $0.name == name || $0.command == name }) {
      let known = all.map(\.name)
      throw MigrationError(
        .configuration, "table \"\(name)\" is not in plan \(plan.name)",
        remedy: nearest(to: name, in: known).map { "did you mean \($0)?" }
          ?? "tables: \(known.joined(separator: ", "))")
    }
    return all.filter { names.contains($0.name) || names.contains($0.command) }
  }
}
