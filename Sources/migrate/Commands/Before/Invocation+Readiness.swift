import MigrationCore

extension Invocation {
  /// Returns the request of the commands that rehearse a migration.
  func readiness(_ target: SchemaTarget) throws -> ReadinessRequest {
    let console = target.console
    var request = try ReadinessRequest(
      plan: target.plan, schemaFolder: target.location.schemaFolder, settings: target.settings,
      environment: environment, folder: program.folder, rate: rate)
    request.tell = { console.note("checking \($0)") }
    return request
  }
}
