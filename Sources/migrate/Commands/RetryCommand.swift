import MigrationCore

/// `migrate retry`: retries quarantined rows.
enum RetryCommand {
  static let coerces = Option.flag(
    "coerce-types", help: "Convert texts leniently, as described above.")

  static let page = CommandPage(
    words: ["retry"], group: .migrate,
    summary: "Retry quarantined rows and load the ones that now pass.",
    discussion: [
      "Reads the rows again from the source. Loads a row and removes it from the "
        + "quarantine in one transaction, so that no row is loaded twice. A row that fails "
        + "again stays in quarantine with its current reason. Exits with 5 while rows are left.",
      "Some rows have no unique key: a table without one, or a duplicate _id in a dump or "
        + "view. A retry finds such a row if it still equals the quarantined row, or if no "
        + "other source row has its key. Otherwise the row stays in quarantine.",
      "With --coerce-types, converts a text leniently if it has only one reading. All "
        + "types: trims outer blanks; reads an empty text, -, null, none and n/a as null, "
        + "which the rules of the plan then handle.",
      "Numbers: accepts thousands separated by blank, apostrophe, point or comma, and a "
        + "decimal comma (1.234,50; 1 234,5; 1,234,567; not 1,234).",
      "Dates: accepts 2026/1/31, 2026.01.31, 20260131, 31.1.2026, 31 Jan 2026 and January "
        + "31, 2026, with or without a time; 31/01/2026 only if one number is above 12; reads "
        + "0000-00-00 as null. Does not apply if the plan sets the date format.",
      "True: ja, oui, si, wahr, vrai, checked, enabled, active, 1.0. False: nein, non, "
        + "falsch, faux, unchecked, disabled, inactive, 0.0. Uuids: accepts braces and "
        + "urn:uuid:. Trims outer blanks of texts that are too long; never cuts anything else.",
      "Does not change the source. The ledger records which columns were converted "
        + "leniently.",
    ],
    options: [ErrorsCommand.table.spec, ErrorsCommand.session.spec, coerces.spec],
    examples: [
      ("migrate retry", "after fixing rows in the source"),
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
        console.result(line(outcome))
      }
      let none =
        outcomes.isEmpty ? "no quarantined rows to retry" : "no quarantined rows are left"
      console.result(
        left == 0 ? none : "\(CountText.of(left, "row is", "rows are")) left: migrate errors")
    }
    return left == 0 ? .done : .quarantine
  }

  private static func line(_ outcome: QuarantineRetry.Outcome) -> String {
    var line = "\(outcome.table): \(GroupedNumber.text(outcome.loaded)) loaded"
    if outcome.coerced > 0 {
      line += " (\(GroupedNumber.text(outcome.coerced)) converted leniently)"
    }
    line += ", \(GroupedNumber.text(outcome.failed)) failed again"
    if outcome.gone > 0 {
      line += ", \(GroupedNumber.text(outcome.gone)) no longer in the source"
    }
    if outcome.untold > 0 {
      line +=
        ", \(GroupedNumber.text(outcome.untold)) not found: no unique key, and no equal source row"
    }
    return line
  }

  private static func name(_ given: String, _ request: RunRequest) throws -> String {
    let tables = request.plan.tables
    if let found = tables.first(where: { $0.name == given || $0.command == given }) {
      return found.name
    }
    throw MigrationError(
      .configuration, "table \"\(given)\" is not in plan \(request.plan.name)",
      remedy: Hint.nearest(to: given, in: tables.map(\.name), otherwise: "see migrate plan"))
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
