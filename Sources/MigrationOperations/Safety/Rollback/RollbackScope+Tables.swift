import MigrationBasics
import MigrationLedger
import MigrationPlan

/// Which tables of a session a scope means.
extension RollbackScope {
  /// What the names of checkpoints end in that complete tables set.
  package static let completed = "_completed"

  /// Returns the tables that something was done to and that the scope means, in the order of loading.
  package func tables(of session: Session, _ ledger: Ledger, _ plan: Plan) throws -> [ChosenTable] {
    let progress = try ledger.progress(session: session.id)
    let touched = progress.filter { $0.table.status != .pending || $0.chunks > 0 }.map(\.table)
    switch self {
    case .session: return touched.map { ChosenTable(state: $0) }
    case .tables(let names):
      for name in names where !progress.contains(where: { $0.table.name == name }) {
        throw Self.unknown(name, progress.map(\.table.name), "table")
      }
      return touched.filter { names.contains($0.name) }.map { ChosenTable(state: $0) }
    case .lastStep:
      let begun = touched.compactMap { table in table.started.map { (table, $0) } }
      let last = begun.max { ($0.1, $0.0.position) < ($1.1, $1.0.position) }
      return last.map { [ChosenTable(state: $0.0)] } ?? []
    case .checkpoint(let name):
      if let checkpoint = try ledger.checkpoint(name, session: session.id) {
        return try touched.compactMap { try Self.part(of: $0, since: checkpoint, ledger, plan) }
      }
      let named = try ledger.checkpoints(session: session.id).map(\.name)
      return try Self.after(name, touched, progress, named).map { ChosenTable(state: $0) }
    }
  }

  /// Tables that were completed after another one, or are not complete.
  private static func after(
    _ name: String, _ touched: [TableState], _ progress: [TableProgress], _ named: [String]
  ) throws -> [TableState] {
    let wanted = name.replacing("-", with: "_")
    let complete = progress.map(\.table).filter { $0.finished != nil }
    let found = complete.first { $0.name + completed == name || $0.name + completed == wanted }
    guard let found, let moment = found.finished else {
      throw unknown(name, named + complete.map { $0.name + completed }, "checkpoint")
    }
    return touched.filter { table in
      table.id != found.id && table.finished.map { $0 > moment } ?? true
    }
  }

  /// What was done to a table since a checkpoint; nil if nothing was.
  ///
  /// Chunks of a table go one by one, unless later ones may have changed what earlier ones loaded:
  /// rows that became one, references that became null, rows that were quarantined late.
  private static func part(
    of table: TableState, since checkpoint: NamedCheckpoint, _ ledger: Ledger, _ plan: Plan
  ) throws -> ChosenTable? {
    let division = try ledger.division(of: table.id, by: checkpoint)
    guard division.chunksSince + division.writesSince > 0 else { return nil }
    let rules = plan.tables.first { $0.name == table.name }
    let isClosed =
      rules?.merge != nil || division.hasLateNulls
      || rules?.referencedTables.contains(table.name) == true
      || PlanOrder(plan.tables).circle(of: table.name).count > 1
    let isWhole =
      division.chunksBefore == 0 || (isClosed && division.chunksSince > 0)
      || division.hasLateNulls
    return ChosenTable(state: table, since: isWhole ? nil : checkpoint.snapshot)
  }

  private static func unknown(_ name: String, _ known: [String], _ what: String) -> MigrationError {
    MigrationError(
      .configuration, "the migration has no \(what) \(name)",
      remedy: nearest(to: name, in: known).map { "did you mean \($0)?" }
        ?? (known.isEmpty ? "there is none yet" : "known: \(known.joined(separator: ", "))"))
  }
}
