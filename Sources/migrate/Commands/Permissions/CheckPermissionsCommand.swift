import MigrationCore
import Postgres

/// `migrate check-permissions`: what the plan needs against what the roles may.
enum CheckPermissionsCommand {
  static let role = Option.text(
    "role", "ROLE", help: "Ask for this role of the target, not for the one of the connection.")

  static let page = CommandPage(
    words: ["check-permissions"], group: .check,
    summary:
      "Show which rights that the plan needs are missing, each with its GRANT.",
    discussion: [
      "For the source and the target: each right with what it is for. What is missing is shown as the GRANT "
        + "that gives it. Rights that a migration can do without are told apart: without being the owner "
        + "of its tables, or without the rights to build their indexes again, a migration keeps indexes "
        + "and foreign keys on while it loads, which is slower. "
        + "A role from which row-level security hides rows lacks BYPASSRLS. "
        + "Of a MongoDB source it is tried whether each collection of the plan can be read, and views are named."
    ],
    options: [role.spec],
    examples: [("migrate check-permissions", "before the maintenance window")],
    exitCodes: [.done, .failed, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let rights = try RightsOfPlan(invocation)
    var found: [NeededRight] = []
    var unreadable: [String] = []
    var views: [String] = []
    if rights.plan.source.kind == .postgres {
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
      tell(found, unreadable, rights.console)
      for view in views { rights.console.result("note: \(view)") }
    }
    return missing.isEmpty && unreadable.isEmpty ? .done : .validation
  }

  private static func tell(_ found: [NeededRight], _ unreadable: [String], _ console: Console) {
    for right in found where !right.isGranted {
      let weight =
        switch right.need {
        case .migration: "missing"
        case .rollback: "missing for a rollback"
        case .speed: "not needed, but faster"
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
        ? "all that is needed is granted (\(granted) rights)" : "\(missing) rights are missing")
  }
}
