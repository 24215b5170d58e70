import MigrationCore
import Postgres

/// `migrate quarantine corrupted`: records corrupted rows in the quarantine.
enum QuarantineCorruptedCommand {
  static let page = CommandPage(
    words: ["quarantine", "corrupted"], group: .undo,
    summary: "Record corrupted rows: changed or deleted since their load.",
    discussion: [
      "Reads the target, and compares chunks with a different fingerprint with their "
        + "source. Records each changed or deleted row in the quarantine, with the columns "
        + "that differ; migrate errors --corrupted lists them. Deletes nothing; rollback "
        + "--corrupted does that. Counts rows of others and leaves them unchanged. Exits with "
        + "5 if any row is corrupted."
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
    let isDryRun = invocation[SharedOptions.dryRun]
    let found =
      isDryRun
      ? try Corruption.survey(request, tables: tables, tell: { console.note($0) }).tables
      : try Corruption.setAside(request, tables: tables, tell: { console.note($0) })
    let rows = found.reduce(0) { $0 + $1.rows }
    if console.isJSON {
      console.result(CorruptedText.document(found, dryRun: isDryRun))
    } else {
      for line in CorruptedText.lines(found) { console.result(line) }
      console.result(
        rows == 0
          ? "no corrupted rows"
          : isDryRun
            ? "\(CountText.of(rows, "corrupted row")) would be recorded"
            : "\(CountText.of(rows, "corrupted row")) recorded: migrate errors --corrupted")
      if rows > 0 { console.result("next: migrate rollback --corrupted") }
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
      show(survey, console)
      return survey.obstacles.isEmpty ? .done : .failed
    }
    let database = opened.ledger.connection.facts.database
    let notices = Notices(invocation, opened.settings, console, plan: opened.session.plan)
    let deleted = try Corruption.takeOut(
      request, tables: tables,
      confirm: { survey in
        guard !invocation[SharedOptions.yes] else { return }
        for line in CorruptedText.lines(survey.tables) { console.note(line) }
        try invocation.confirm(
          "This deletes \(CountText.of(survey.rows, "row")) from \(database).", word: database,
          yes: false)
      }, tell: { console.note($0) })
    let rows = deleted.reduce(0) { $0 + $1.rows }
    if console.isJSON {
      console.result(CorruptedText.document(deleted, dryRun: false))
    } else {
      for line in CorruptedText.lines(deleted) { console.result(line) }
      console.result(
        rows == 0
          ? "no corrupted rows; nothing was changed"
          : "deleted \(CountText.of(rows, "corrupted row")); next: migrate retry, then "
            + "migrate validate --fingerprint")
    }
    if rows > 0 {
      notices.post(
        .rollback,
        "\(CountText.of(rows, "corrupted row was", "corrupted rows were")) deleted from the target")
      notices.finish()
    }
    return .done
  }

  private static func show(_ survey: Corruption.Survey, _ console: Console) {
    if console.isJSON {
      console.result(
        CorruptedText.document(survey.tables, dryRun: true, obstacles: survey.obstacles))
      return
    }
    for line in CorruptedText.lines(survey.tables) { console.result(line) }
    for obstacle in survey.obstacles {
      console.result("blocked: \(obstacle.what)")
      console.result("    hint: \(obstacle.remedy)")
    }
  }
}

/// Corrupted rows as lines and as a document.
enum CorruptedText {
  /// Returns the selected tables; nil if none is selected.
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
        return ["\(table.title): rows differ, but could not be identified: \(why)"]
      }
      var lines = [
        "\(table.title): \(CountText.of(table.changed, "row")) changed, \(GroupedNumber.text(table.gone)) deleted"
      ]
      let more =
        table.rows > 20 ? ["  … (\(GroupedNumber.text(table.rows)); up to 1,000 with --json)"] : []
      lines += table.keys.prefix(20).map { "  \($0)" } + more
      if table.strangers > 0 {
        lines.append(
          "  \(CountText.of(table.strangers, "row of others is", "rows of others are")) kept")
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
