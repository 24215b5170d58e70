import MigrationCore

/// `migrate retry`: tries the rows again that were set aside.
enum RetryCommand {
  static let page = CommandPage(
    words: ["retry"], group: .migrate,
    summary: "Try the rows again that were set aside; those that pass now are loaded, once.",
    discussion: [
      "The rows are read from the source as they are now. A row is loaded and taken out of the "
        + "quarantine in the same transaction, so that it comes exactly once however often this is run "
        + "or killed. What fails again stays, with the reason that holds now. The exit code is 5 while "
        + "rows are left."
    ],
    options: [ErrorsCommand.table.spec],
    examples: [
      ("migrate retry", "after mending rows in the source"),
      ("migrate retry --table customers", "one table only"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration, .quarantine, .locked], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    var request = try RunCommandRequest(invocation, settings).make()
    if let table = invocation[ErrorsCommand.table] { request.tables = [try name(table, request)] }
    let outcomes = try QuarantineRetry.run(request)
    let left = outcomes.reduce(0) { $0 + $1.failed + $1.gone }
    if console.isJSON {
      console.result(["left": .int(left), "tables": .array(outcomes.map(document))])
    } else {
      for outcome in outcomes {
        let gone = outcome.gone == 0 ? "" : ", \(outcome.gone) not in the source any more"
        console.result(
          "\(outcome.table): \(outcome.loaded) loaded, \(outcome.failed) failed again\(gone)")
      }
      console.result(left == 0 ? "no rows are left" : "\(left) rows are left: migrate errors")
    }
    return left == 0 ? .done : .quarantine
  }

  private static func name(_ given: String, _ request: RunRequest) throws -> String {
    let tables = request.plan.tables
    if let found = tables.first(where: { $0.name == given || $0.command == given }) {
      return found.name
    }
    throw MigrationError(
      .configuration,
      "the plan has no table \(given)\(suggestion(for: given, in: tables.map(\.name)))",
      remedy: "see: migrate plan")
  }

  private static func document(_ outcome: QuarantineRetry.Outcome) -> JSONValue {
    [
      "table": .text(outcome.table), "loaded": .int(outcome.loaded),
      "failed": .int(outcome.failed), "gone": .int(outcome.gone),
    ]
  }
}
