import MigrationCore

/// `migrate revoke-temp-permissions`: removes the migration's role and its rights.
enum RevokeTemporaryPermissionsCommand {
  static let force = Option.flag(
    "force", help: "Also remove a role that create-migration-user did not create.")

  static let page = CommandPage(
    words: ["revoke-temp-permissions"], group: .database,
    summary: "Remove the temporary role of the migration, with its rights.",
    discussion: [
      "Removes the login of the role, its rights in this database, and the role. Gives its "
        + "objects to the current role. Does not remove a role with open sessions.",
      "A role with rights in another database keeps existing without login; run the "
        + "command there too.",
    ],
    options: [
      CreateMigrationUserCommand.name.spec, CreateMigrationUserCommand.onSource.spec, force.spec,
      SharedOptions.yes.spec,
    ],
    examples: [("migrate revoke-temp-permissions --yes", "after the validation")],
    exitCodes: [.done, .failed, .usage, .configuration], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let rights = try RightsOfPlan(invocation)
    let side: NeededRight.Side =
      invocation[CreateMigrationUserCommand.onSource] ? .source : .target
    let connection = try rights.connect(side)
    let name = invocation[CreateMigrationUserCommand.name] ?? "migrator"
    let role = MigrationRole(name, connection)
    try role.requireRemovable(force: invocation[force])
    try invocation.confirm(
      "This removes role \(name) and all its rights in \(connection.facts.database).",
      word: name, yes: invocation[SharedOptions.yes])
    let isRemoved = try role.remove(force: invocation[force])
    if rights.console.isJSON {
      rights.console.result(["role": .text(name), "removed": .bool(isRemoved), "login": false])
    } else {
      rights.console.result(
        isRemoved
          ? "removed role \(name); its objects now belong to \(connection.facts.user)"
          : "role \(name) can no longer log in; it still exists, because it has rights in another database"
      )
    }
    return .done
  }
}
