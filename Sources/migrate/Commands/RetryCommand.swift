import MigrationCore

/// `migrate retry`: tries the rows again that are set aside.
enum RetryCommand {
  static let table = Option.text("table", "TABLE", help: "Try the rows of one table only.")

  static let page = CommandPage(
    words: ["retry"], group: .migrate,
    summary: "Try the rows again that are set aside; what passes now is loaded, exactly once.",
    discussion: [
      "The rows are read from the source as they are now, so mend them there first. What fails again "
        + "stays set aside, with the reason that holds now."
    ],
    options: [table.spec],
    examples: [("migrate retry --table customers", "after mending customers in the source")],
    exitCodes: [.done, .failed, .usage, .configuration, .quarantine, .locked],
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    var request = try RunCommandRequest(invocation, settings).make()
    request.tables = invocation[table].map { [$0] }
    let outcomes = try QuarantineRetry.run(request)
    if console.isJSON {
      console.result(
        .array(
          outcomes.map { outcome in
            [
              "table": .text(outcome.table), "loaded": .int(outcome.loaded),
              "failed": .int(outcome.failed), "gone": .int(outcome.gone),
            ]
          }))
    } else if outcomes.isEmpty {
      console.result("no rows are set aside")
    }
    for outcome in outcomes where !console.isJSON {
      let gone = outcome.gone > 0 ? ", \(outcome.gone) not found in the source" : ""
      console.result(
        "\(outcome.table): \(outcome.loaded) loaded, \(outcome.failed) failed again\(gone)")
    }
    let left = outcomes.reduce(0) { $0 + $1.failed + $1.gone }
    return left > 0 ? .quarantine : .done
  }
}
