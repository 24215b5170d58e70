import MigrationCore

/// `migrate db migrate`: applies the pending schema files of the plan to the target.
enum DatabaseMigrateCommand {
  static let page = CommandPage(
    words: ["db", "migrate"], group: .database,
    summary: "Apply the plan's pending schema files to the target.",
    discussion: [
      "Applies config/PLAN/schema/NNN_name.up.sql in the order of their numbers. Runs each "
        + "file in one transaction, together with its record in the ledger. Rejects a file "
        + "that has changed since it was applied. Two commands at the same time wait for each "
        + "other."
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
        console.result(
          "ran and rolled back \(CountText.of(rehearsed.count, "file")); nothing was changed")
      }
      return .done
    }
    let applied = try migrator.apply()
    if applied.isEmpty { try requireTables(target, migrator) }
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
            : "nothing to apply: no schema files in \(target.location.schemaFolder)"
          : "applied \(CountText.of(applied.count, "file"))")
    }
    return .done
  }

  /// Tables that somebody dropped do not come back by files that are applied.
  private static func requireTables(_ target: SchemaTarget, _ migrator: SchemaMigrator) throws {
    guard try !migrator.status().applied.isEmpty else { return }
    let missing = try migrator.missing(target.plan.tables.map(\.name))
    guard !missing.isEmpty else { return }
    let more = missing.count > 5 ? " and \(missing.count - 5) more" : ""
    throw MigrationError(
      .failed,
      "all schema files are applied, but the target lacks \(missing.prefix(5).joined(separator: ", "))\(more)",
      place: migrator.connection.facts.database,
      remedy: "restore a backup; or drop the schema \(migrator.schema) with all that is in it, "
        + "create it, and apply the files again: migrate db migrate")
  }
}
