import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// What a run asks before it writes anything.
extension RunOpening {
  /// Refuses to begin tables that the plan's check finds errors in, or that rights are missing for.
  ///
  /// Asked once, and of tables that are not begun: while indexes are off, the target does not look as the
  /// plan expects it.
  func requireReadiness(_ tables: [TablePlan]) throws {
    guard request.checksPlan, !isChecked, !tables.isEmpty else { return }
    guard try SuspendedObjects(ledger).pendingRestores().isEmpty else { return }
    isChecked = true
    tools.observer(.preparing(table: "", step: "plan check"))
    try requireSoundPlan(tables)
    try requireRights(tables)
  }

  private func requireSoundPlan(_ tables: [TablePlan]) throws {
    var check = LivePlanCheck(request.plan)
    check.tables = Set(tables.map(\.name))
    let source = try tools.source.open(timeout: nil)
      .catalog(of: request.plan, condition: request.condition)
    for view in Checking.hidingViews(source.views, tables) { tools.warn(view.what) }
    let faults = try check.faults(source, target: ledger.connection)
    // What lies in a dump unread is reported by every run, and what a rollback would meet.
    for fault in faults
    where fault.severity == .warning && (fault.place.line == 0 || fault.isOfRuns) {
      tools.warn("\(fault.what); \(fault.remedy)")
    }
    let errors = faults.filter { $0.severity == .error }
    guard !errors.isEmpty else { return }
    let count = CountText.of(errors.count, "error")
    throw MigrationError(
      .coded(.schema),
      "the plan does not fit source and target (\(count)):\n"
        + errors.map(\.description).joined(separator: "\n"),
      reason: "planCheck", place: request.plan.file,
      remedy: "nothing was written; see all errors and warnings: migrate plan check")
  }

  private func requireRights(_ tables: [TablePlan]) throws {
    let connection = ledger.connection
    let missing = try PermissionSurvey(
      request.plan, connection, ledgerSchema: request.ledgerSchema
    ).target(role: connection.facts.user, tables: tables.map(\.name)).filter { !$0.isGranted }
    let needed = missing.filter { $0.need == .migration }
    guard needed.isEmpty else {
      throw MigrationError(
        .coded(.schema),
        "role \(connection.facts.user) lacks privileges that the run needs: \(Self.list(needed))",
        reason: "rightsMissing", place: connection.facts.database,
        remedy: "nothing was written; have an administrator run: "
          + Set(needed.map(\.grant)).sorted().joined(separator: "; "))
    }
    let rollback = missing.filter { $0.need == .rollback }
    guard !rollback.isEmpty else { return }
    tools.warn(
      "the role lacks privileges for a rollback: \(Self.list(rollback)); see: migrate check-permissions"
    )
  }

  private static func list(_ rights: [NeededRight]) -> String {
    rights.map { "\($0.privilege) on \($0.object)" }.joined(separator: ", ")
  }
}
