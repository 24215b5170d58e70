import MigrationCore

/// `migrate db status`: shows which schema files are applied, and the server.
enum DatabaseStatusCommand {
  static let page = CommandPage(
    words: ["db", "status"], group: .database,
    summary: "Show which of the target's schema files are applied, pending or changed.",
    discussion: [
      "Exits with 4 if an applied file was changed or is missing, or if a pending file "
        + "comes before an applied one. db migrate and db rollback do nothing until that is "
        + "fixed."
    ],
    examples: [("migrate db status", "before and after db migrate")],
    exitCodes: [.done, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    let connection = try target.connect()
    let status = try target.migrator(connection).status()
    let faults = status.faults.map(\.migrationError)
    if target.console.isJSON {
      target.console.result([
        "plan": .text(target.plan.name),
        "serverVersion": .text(connection.facts.serverVersionText),
        "database": .text(connection.facts.database),
        "applied": .array(status.applied.map { JSONValue($0) }),
        "pending": .array(status.pending.map { JSONValue($0) }),
        "faults": .array(faults.map { ["what": .text($0.what), "toDo": .optional($0.remedy)] }),
      ])
    } else {
      show(
        status, faults, target,
        "\(connection.facts.database), PostgreSQL \(connection.facts.serverVersionText)")
    }
    return faults.isEmpty ? .done : .validation
  }

  private static func show(
    _ status: SchemaStatus, _ faults: [MigrationError], _ target: SchemaTarget, _ place: String
  ) {
    let console = target.console
    console.result("Schema of plan \(target.plan.name) in \(place)")
    for entry in status.applied {
      console.result("  applied  \(entry.number) \(entry.name)  \(entry.at) by \(entry.by)")
    }
    for entry in status.pending { console.result("  pending  \(entry.number) \(entry.name)") }
    for fault in faults {
      console.fail(fault.what, place: fault.place, remedy: fault.remedy)
    }
    if status.applied.isEmpty, status.pending.isEmpty {
      console.warn("no schema files in \(target.location.schemaFolder)")
    }
    console.result(
      "\(status.applied.count) applied, \(status.pending.count) pending, \(CountText.of(faults.count, "error"))"
    )
    if !status.pending.isEmpty, faults.isEmpty { console.result("next: migrate db migrate") }
  }
}
