import MigrationCore

/// `migrate retry`: retries quarantined rows.
enum RetryCommand {
  static let coerces = Option.flag(
    "coerce-types", help: "Read texts leniently that do not convert; the help says how.")

  static let page = CommandPage(
    words: ["retry"], group: .migrate,
    summary: "Try the rows again that were set aside; those that pass now are loaded, once.",
    discussion: [
      "The rows are read from the source as they are now. A row is loaded and taken out of the "
        + "quarantine in the same transaction, so that it comes exactly once however often this is run "
        + "or killed. What fails again stays, with the reason that holds now. The exit code is 5 while "
        + "rows are left.",
      "Rows that no unique key tells apart (a table without one, one _id twice in a dump or view) are found if "
        + "they are still equal to what was quarantined. A changed one is found by its key if no other row "
        + "has that key; otherwise it stays, and counts as untold.",
      "With --coerce-types a text that does not convert is read leniently, and only where it can be "
        + "read in one way. All: blanks at both ends go; nothing, -, null, none and n/a are null, with which the plan goes on. "
        + "Numbers: groups of three by blank, apostrophe, point or comma, and a decimal comma (1.234,50; "
        + "1 234,5; 1,234,567; not 1,234). Dates: 2026/1/31, 2026.01.31, 20260131, 31.1.2026, 31 Jan "
        + "2026, January 31, 2026, with hours and minutes or without; 31/01/2026 only where one number "
        + "is above 12; 0000-00-00 is null; nothing where the plan says how dates are written. "
        + "True and false: ja, oui, si, wahr, vrai, checked, enabled, active, 1.0, and nein, non, falsch, "
        + "faux, unchecked, disabled, inactive, 0.0. Uuids: with braces or urn:uuid:. Texts that are too "
        + "long lose blanks at both ends; nothing else is ever cut. The source is not changed, and the "
        + "ledger notes which columns were read so.",
    ],
    options: [ErrorsCommand.table.spec, ErrorsCommand.session.spec, coerces.spec],
    examples: [
      ("migrate retry", "after mending rows in the source"),
      ("migrate retry --table customers", "one table only"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration, .quarantine, .locked], isAudited: true,
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    var request = try RunCommandRequest(invocation, settings).make()
    if let table = invocation[ErrorsCommand.table] { request.tables = [try name(table, request)] }
    let outcomes = try QuarantineRetry.run(
      request, coerces: invocation[coerces], session: invocation[ErrorsCommand.session],
      warn: console.warn)
    let left = outcomes.reduce(0) { $0 + $1.failed + $1.gone + $1.untold }
    if console.isJSON {
      console.result(["left": .int(left), "tables": .array(outcomes.map(document))])
    } else {
      for outcome in outcomes {
        var gone = outcome.gone == 0 ? "" : ", \(outcome.gone) not in the source any more"
        if outcome.untold > 0 {
          gone +=
            ", \(outcome.untold) not found: nothing tells such rows apart, and none of the source is as they were"
        }
        let lenient = outcome.coerced == 0 ? "" : " (\(outcome.coerced) read leniently)"
        console.result(
          "\(outcome.table): \(outcome.loaded) loaded\(lenient), \(outcome.failed) failed again\(gone)"
        )
      }
      let none =
        outcomes.isEmpty ? "no rows are quarantined: nothing was tried" : "no rows are left"
      console.result(left == 0 ? none : "\(left) rows are left: migrate errors")
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
      "coerced": .int(outcome.coerced),
      "failed": .int(outcome.failed), "gone": .int(outcome.gone),
      "untold": .int(outcome.untold),
    ]
  }
}
