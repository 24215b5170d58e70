import MigrationCore
import Postgres

/// The rights that a plan needs in its databases, for the commands about permissions.
struct RightsOfPlan {
  let settings: Settings
  let console: Console
  let plan: Plan

  init(_ invocation: Invocation) throws {
    (settings, console) = try invocation.settingsAndConsole()
    plan = try settings.plan(at: invocation.planLocation(settings).planFile)
  }

  /// Opens one of the plan's databases.
  ///
  /// - Throws: An error for a source that is not PostgreSQL, which has no such roles.
  func connect(_ side: NeededRight.Side) throws -> Connection {
    if side == .target { return try Databases(settings).target() }
    guard !plan.source.kind.hasDocuments else {
      throw MigrationError(
        .configuration, "the source of plan \(plan.name) is not a PostgreSQL database",
        remedy: "grant a MongoDB user the built-in role \"read\" with mongosh")
    }
    return try Databases(settings).source(plan.source.setting)
  }

  func needed(
    _ side: NeededRight.Side, _ connection: Connection, role: String
  ) throws -> [NeededRight] {
    let survey = PermissionSurvey(
      plan, connection, ledgerSchema: settings.value(.ledgerSchema))
    return side == .target ? try survey.target(role: role) : try survey.source(role: role)
  }

  static func document(_ right: NeededRight) -> JSONValue {
    [
      "side": .text(right.side.rawValue), "object": .text(right.object),
      "privilege": .text(right.privilege), "purpose": .text(right.purpose),
      "need": .text(right.need.rawValue), "required": .bool(right.isRequired),
      "granted": .bool(right.isGranted),
      "grant": .text(right.grant),
    ]
  }
}
