import MigrationCore

/// `migrate progress`: shows one line per table, with bar, rate and remaining time.
enum ProgressCommand {
  static let page = CommandPage(
    words: ["progress"], group: .watch,
    summary: "Show the progress, rate and remaining time of each table.",
    discussion: [
      "Reads the ledger in the target, from any terminal. Rates are those of the last "
        + "minute; remaining times use them. A table that is not yet divided into chunks has "
        + "no row count and no share."
    ],
    options: [StatusCommand.table.spec, Watcher.watch.spec, Watcher.interval.spec],
    examples: [
      ("migrate progress --watch", "until the migration ends"),
      ("migrate progress --table customers", "one table"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let isWatching = try Watcher.isWanted(invocation)
    let opened = try OpenLedger(invocation)
    let table = try opened.tableName(invocation[StatusCommand.table])
    let read = { try ProgressReport.read(opened.session, opened.ledger, table: table) }
    if opened.console.isJSON {
      opened.console.result(document(try read()))
    } else if isWatching {
      try Watcher(invocation, opened.console).run {
        let report = try read()
        return (text(report, opened.console), report.holder != nil)
      }
    } else {
      opened.console.result(text(try read(), opened.console))
    }
    return .done
  }

  private static func text(_ report: ProgressReport, _ console: Console) -> String {
    let bar = ProgressBar(stream: console.output)
    let lines = report.tables.map { table in
      bar.line(table.name, share: table.share, parts(table))
    }
    return (lines + [StatusText.holder(report.holder)]).joined(separator: "\n")
  }

  private static func parts(_ table: ProgressReport.Table) -> [String] {
    guard table.isPlanned else { return ["not started"] }
    let counts = table.progress.counts
    var parts = ["\(GroupedNumber.text(counts.read))/\(CountText.of(table.total, "row"))"]
    if table.progress.table.status == .done {
      parts.append("done")
    } else {
      parts.append("\(GroupedNumber.text(Int(table.rate))) rows/s")
      if let left = table.remaining { parts.append("\(DurationText.short(left)) left") }
    }
    if table.quarantined > 0 {
      parts.append("\(GroupedNumber.text(table.quarantined)) quarantined")
    }
    return parts
  }

  private static func document(_ report: ProgressReport) -> JSONValue {
    let tables = report.tables.map { table in
      [
        "table": .text(table.name), "state": .text(table.progress.table.status.rawValue),
        "share": table.share.map(JSONValue.double) ?? .null,
        "read": .int(table.progress.counts.read),
        "rows": table.isPlanned ? .int(table.total) : .null,
        "rowsPerSecond": .double(table.rate),
        "secondsLeft": table.remaining.map { .double($0 / .seconds(1)) } ?? .null,
        "quarantined": .int(table.quarantined),
      ] as JSONValue
    }
    return [
      "session": .id(report.session.id), "status": .text(report.session.status.rawValue),
      "running": StatusText.document(report.holder), "tables": .array(tables),
    ]
  }
}
