import MigrationCore
import Postgres

/// The plan, its SQL files and the connection, for commands about the target's schema.
struct SchemaTarget {
  let settings: Settings
  let console: Console
  let location: PlanLocation
  let plan: Plan

  init(_ invocation: Invocation) throws {
    (settings, console) = try invocation.settingsAndConsole()
    location = try invocation.planLocation(settings)
    plan = try settings.plan(at: location.planFile)
  }

  func connect() throws -> Connection {
    let console = console
    return try Databases(settings).target { console.explain("\($0.severity): \($0.message)") }
  }

  /// - Parameter changes: Whether files will run, which must not change tables that the plan reads.
  func migrator(_ connection: Connection, changes: Bool = false) throws -> SchemaMigrator {
    if changes { try Databases(settings).keepApart(plan, from: connection) }
    return try SchemaMigrator(
      connection: connection, folder: SchemaFolder(path: location.schemaFolder), plan: plan.name,
      schema: plan.target.schema, ledgerSchema: settings.value(.ledgerSchema),
      operatorName: OperatorName.current,
      guarded: changes ? Databases(settings).sourceTables(of: plan, in: connection) : [:])
  }
}

extension JSONValue {
  init(_ applied: SchemaStatus.Applied) {
    self = [
      "number": .int(applied.number), "name": .text(applied.name), "at": .text(applied.at),
      "by": .text(applied.by), "milliseconds": .int(applied.milliseconds),
    ]
  }

  init(_ pending: SchemaMigration) {
    self = [
      "number": .int(pending.number), "name": .text(pending.name), "file": .text(pending.up.path),
    ]
  }
}
