import MigrationCore

/// `migrate db migrate`: applies the pending schema files of the plan to the target.
enum DatabaseMigrateCommand {
  static let page = CommandPage(
    words: ["db", "migrate"], group: .database,
    summary: "Apply the plan's pending schema files to the target.",
    discussion: [
      "The files are config/PLAN/schema/NNN_name.up.sql, in the order of their numbers. Each runs in a "
        + "transaction of its own together with the record that it was applied. A file that was applied "
        + "and has changed since is refused. Two of these commands at the same time wait for each other."
    ],
    options: [SharedOptions.dryRun.spec],
    examples: [
      ("migrate db migrate --dry-run", "run all pending files and roll them back"),
      ("migrate db migrate --plan nxt", "apply them"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    let connection = try target.connect()
    try connection.requireWritable()
    let migrator = try target.migrator(connection, changes: true)
    let console = target.console
    if invocation[SharedOptions.dryRun] {
      let rehearsed = try migrator.rehearse()
      if console.isJSON {
        console.result(["dryRun": true, "pending": .array(rehearsed.map { JSONValue($0) })])
      } else {
        for file in rehearsed { console.result("would apply \(file.number) \(file.name)") }
        console.result("\(rehearsed.count) files run and rolled back; nothing was changed")
      }
      return .done
    }
    let applied = try migrator.apply()
    if console.isJSON {
      console.result(["applied": .array(applied.map { JSONValue($0) })])
    } else {
      for file in applied {
        console.result("applied \(file.number) \(file.name) (\(file.milliseconds) ms)")
      }
      let hasFiles = try !SchemaFolder(path: target.location.schemaFolder).migrations.isEmpty
      console.result(
        applied.isEmpty
          ? hasFiles
            ? "nothing to apply: the schema is up to date"
            : "nothing to apply: there are no schema files in \(target.location.schemaFolder)"
          : "\(applied.count) files applied")
    }
    return .done
  }
}
