import MigrationCore
import Postgres

/// `migrate check-permissions`: compares the rights of the roles with those that the plan needs.
enum CheckPermissionsCommand {
  static let role = Option.text(
    "role", "ROLE", help: "Check this role of the target (default: the role of the connection).")

  static let page = CommandPage(
    words: ["check-permissions"], group: .check,
    summary: "Show the missing rights that the plan needs, each with its GRANT.",
    discussion: [
      "Checks the source and the target, and shows the purpose of each right and the GRANT "
        + "that adds it. Reports a missing BYPASSRLS if row-level security hides rows from the "
        + "role.",
      "Marks optional rights. Without ownership of its tables, or the rights to rebuild "
        + "their indexes, a migration keeps indexes and foreign keys during the load, which is "
        + "slower.",
      "Of a MongoDB source, tries to read each collection of the plan, and lists views.",
    ],
    options: [role.spec],
    examples: [("migrate check-permissions", "before the maintenance window")],
    exitCodes: [.done, .failed, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let rights = try RightsOfPlan(invocation)
    var found: [NeededRight] = []
    var unreadable: [String] = []
    var views: [String] = []
    if !rights.plan.source.kind.hasDocuments {
      let source = try rights.connect(.source)
      found += try rights.needed(.source, source, role: source.facts.user)
    } else {
      let place = try Databases(rights.settings).sourcePlace(rights.plan.source)
      unreadable = try SourceReadability.failures(rights.plan, place)
      views = try SourceReadability.views(rights.plan, place)
    }
    let target = try rights.connect(.target)
    found += try rights.needed(.target, target, role: invocation[role] ?? target.facts.user)
    let missing = found.filter { !$0.isGranted && $0.isRequired }
    if rights.console.isJSON {
      rights.console.result([
        "sufficient": .bool(missing.isEmpty && unreadable.isEmpty),
        "missing": .int(missing.count), "unreadable": .array(unreadable.map(JSONValue.text)),
        "views": .array(views.map(JSONValue.text)),
        "rights": .array(found.map(RightsOfPlan.document)),
      ])
    } else {
      show(found, unreadable, rights.console)
      for view in views { rights.console.result("note: \(view)") }
    }
    return missing.isEmpty && unreadable.isEmpty ? .done : .validation
  }

  private static func show(_ found: [NeededRight], _ unreadable: [String], _ console: Console) {
    for right in found where !right.isGranted {
      let weight =
        switch right.need {
        case .migration: "missing"
        case .rollback: "missing for a rollback"
        case .speed: "optional, but faster"
        }
      console.result(
        "\(weight): \(right.privilege) on \(right.object) (\(right.side.rawValue)): \(right.purpose)"
      )
      console.result("  \(right.grant);")
    }
    for failure in unreadable { console.result("missing: \(failure)") }
    let granted = found.count { $0.isGranted }
    let missing = found.count { !$0.isGranted && $0.isRequired } + unreadable.count
    console.result(
      missing == 0
        ? "all required rights are granted (\(CountText.of(granted, "right")))"
        : "\(CountText.of(missing, "right is", "rights are")) missing")
  }
}
