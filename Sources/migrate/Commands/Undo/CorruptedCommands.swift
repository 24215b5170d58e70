import MigrationCore
import Postgres

/// `migrate quarantine corrupted`: enters rows that are not as they were sent into the row counts.
enum QuarantineCorruptedCommand {
  static let page = CommandPage(
    words: ["quarantine", "corrupted"], group: .undo,
    summary: "Note the rows that are not in the target as they were sent.",
    discussion: [
      "The target is read back, and chunks that do not add up are compared with their source. Each row "
        + "that was changed or is gone is entered into the quarantine's books as it is in the target, "
        + "with the columns that differ: migrate errors --corrupted shows them. Nothing is taken out of "
        + "the target; that is what rollback --corrupted does. Rows that others added are counted and "
        + "left alone. The exit code is 5 where any were found."
    ],
    options: [SharedOptions.tables.spec, SharedOptions.dryRun.spec],
    examples: [("migrate quarantine corrupted", "when validate --fingerprint says NO-GO")],
    exitCodes: [.done, .failed, .usage, .configuration, .quarantine, .locked], isAudited: true,
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let opened = try OpenLedger(invocation)
    let console = opened.console
    let request = try RollbackCommandRequest(invocation, opened).make(scope: nil)
    let tables = try CorruptedText.tables(invocation, opened)
    let isTrial = invocation[SharedOptions.dryRun]
    let found =
      isTrial
      ? try Corruption.survey(request, tables: tables, tell: { console.note($0) }).tables
      : try Corruption.setAside(request, tables: tables, tell: { console.note($0) })
    let rows = found.reduce(0) { $0 + $1.rows }
    if console.isJSON {
      console.result(CorruptedText.document(found, dryRun: isTrial))
    } else {
      for line in CorruptedText.lines(found) { console.result(line) }
      console.result(
        rows == 0
          ? "no row is known to be corrupted"
          : isTrial
            ? "\(rows) rows would be noted" : "\(rows) rows are noted: migrate errors --corrupted")
      if rows > 0 { console.result("take them out: migrate rollback --corrupted") }
    }
    return rows > 0 || found.contains { $0.untold != nil } ? .quarantine : .done
  }
}

/// `migrate rollback --corrupted`.
enum RollbackCorrupted {
  static func run(_ invocation: Invocation) throws -> ExitCode {
    let opened = try OpenLedger(invocation)
    let console = opened.console
    let request = try RollbackCommandRequest(invocation, opened).make(scope: nil)
    let tables = try CorruptedText.tables(invocation, opened)
    if invocation[SharedOptions.dryRun] {
      let survey = try Corruption.survey(request, tables: tables, tell: { console.note($0) })
      tell(survey, console)
      return survey.obstacles.isEmpty ? .done : .failed
    }
    let database = opened.ledger.connection.facts.database
    let notices = Notices(invocation, opened.settings, console, plan: opened.session.plan)
    let taken = try Corruption.takeOut(
      request, tables: tables,
      confirm: { survey in
        guard !invocation[SharedOptions.yes] else { return }
        for line in CorruptedText.lines(survey.tables) { console.note(line) }
        try invocation.confirm(
          "This takes \(survey.rows) rows out of \(database).", word: database, yes: false)
      }, tell: { console.note($0) })
    let rows = taken.reduce(0) { $0 + $1.rows }
    if console.isJSON {
      console.result(CorruptedText.document(taken, dryRun: false))
    } else {
      for line in CorruptedText.lines(taken) { console.result(line) }
      console.result(
        rows == 0
          ? "no row is known to be corrupted: nothing was changed"
          : "\(rows) rows are taken out; bring them again: migrate retry; then: "
            + "migrate validate --fingerprint")
    }
    if rows > 0 {
      notices.post(.rollback, "\(rows) corrupted rows were taken out of the target")
      notices.finish()
    }
    return .done
  }

  private static func tell(_ survey: Corruption.Survey, _ console: Console) {
    if console.isJSON {
      console.result(
        CorruptedText.document(survey.tables, dryRun: true, obstacles: survey.obstacles))
      return
    }
    for line in CorruptedText.lines(survey.tables) { console.result(line) }
    for obstacle in survey.obstacles {
      console.result("in the way: \(obstacle.what)")
      console.result("    to do: \(obstacle.remedy)")
    }
  }
}

/// Corrupted rows, for people and for programs.
enum CorruptedText {
  /// The tables that were named; nil if none was.
  static func tables(_ invocation: Invocation, _ opened: OpenLedger) throws -> [String]? {
    let named = invocation[SharedOptions.tables] + invocation[RollbackCommand.tables]
    let names = try named.flatMap { $0.split(separator: ",").map(String.init) }.compactMap {
      try OpenLedger.tableName($0, opened.session, opened.ledger)
    }
    return names.isEmpty ? nil : names
  }

  static func lines(_ tables: [CorruptedTable]) -> [String] {
    tables.flatMap { table -> [String] in
      if let why = table.untold {
        return ["\(table.title): rows differ, and which can't be told: \(why)"]
      }
      var lines = ["\(table.title): \(table.changed) rows changed, \(table.gone) gone"]
      let more = table.rows > 20 ? ["  … (\(table.rows); up to 1000 with --json)"] : []
      lines += table.keys.prefix(20).map { "  \($0)" } + more
      if table.strangers > 0 {
        lines.append("  \(table.strangers) rows that others added are left alone")
      }
      return lines
    }
  }

  static func document(
    _ tables: [CorruptedTable], dryRun: Bool, obstacles: [RollbackObstacle] = []
  ) -> JSONValue {
    [
      "rows": .int(tables.reduce(0) { $0 + $1.rows }), "dryRun": .bool(dryRun),
      "tables": .array(tables.map(\.json)),
      "obstacles": .array(
        obstacles.map {
          ["what": .text($0.what), "count": .int($0.count), "toDo": .text($0.remedy)]
        }),
    ]
  }
}
