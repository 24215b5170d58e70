import MigrationCore

/// `migrate revoke-temp-permissions`: takes the migration's role and its rights away.
enum RevokeTemporaryPermissionsCommand {
  static let force = Option.flag(
    "force", help: "Also a role that create-migration-user did not make.")

  static let page = CommandPage(
    words: ["revoke-temp-permissions"], group: .database,
    summary: "Take the role away that was made for the migration, with its rights.",
    discussion: [
      "The role loses its login, then its rights in this database, then it goes. What it owns, goes to the role "
        + "that does this. A role that is at work is left alone. One that has rights in another database "
        + "too stays without login until they are gone: say so there."
    ],
    options: [
      CreateMigrationUserCommand.name.spec, CreateMigrationUserCommand.onSource.spec, force.spec,
      SharedOptions.yes.spec,
    ],
    examples: [("migrate revoke-temp-permissions --yes", "when the migration is validated")],
    exitCodes: [.done, .failed, .usage, .configuration], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let rights = try RightsOfPlan(invocation)
    let side: NeededRight.Side =
      invocation[CreateMigrationUserCommand.onSource] ? .source : .target
    let connection = try rights.connect(side)
    let name = invocation[CreateMigrationUserCommand.name] ?? "migrator"
    try invocation.confirm(
      "This takes the role \(name) and all its rights in \(connection.facts.database) away.",
      word: name, yes: invocation[SharedOptions.yes])
    let isGone = try MigrationRole(name, connection).remove(force: invocation[force])
    if rights.console.isJSON {
      rights.console.result(["role": .text(name), "removed": .bool(isGone), "login": false])
    } else {
      rights.console.result(
        isGone
          ? "the role \(name) is gone, and what it owned belongs to \(connection.facts.user)"
          : "the role \(name) can't log in any more; it stays, for it has rights in another database"
      )
    }
    return .done
  }
}
