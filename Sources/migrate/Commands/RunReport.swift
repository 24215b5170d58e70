import MigrationCore

/// What a run says at its end, on one screen or as one document.
struct RunReport {
  private let outcome: RunOutcome
  private let request: RunRequest
  /// The outcome of the retry of quarantined rows at the end of the run.
  private let retried: [QuarantineRetry.Outcome]?
  /// What followed on its own, if the plan says so.
  private let response: TriggerResponse?
  /// The log of runs; nil if it could not be written.
  private let log: String?
  /// Tables that need no word any more.
  private let told: Set<String>

  init(
    _ outcome: RunOutcome, _ request: RunRequest, log: String?, told: Set<String>,
    retried: [QuarantineRetry.Outcome]?, response: TriggerResponse?
  ) {
    (self.outcome, self.request, self.retried) = (outcome, request, retried)
    (self.log, self.told, self.response) = (log, told, response)
  }

  /// Rows that wait for a decision after all that was done.
  private var openRows: Int {
    retried.map { $0.reduce(0) { $0 + $1.failed + $1.gone + $1.untold } } ?? outcome.openRows
  }

  func tell(_ console: Console) {
    if console.isJSON {
      console.result(document)
      return
    }
    let isBegun = { (table: RunOutcome.Table) in table.isDone || table.sheet.chunks > 0 }
    for table in outcome.tables.filter(isBegun) where !told.contains(table.name) {
      let mark = console.output.mark(table.isDone || outcome.isDryRun ? .pass : .warning)
      console.result("\(mark) \(table.name): \(BooksText.line(table.sheet))")
      Self.tellAlwaysNull(table, console)
    }
    let left = outcome.tables.filter { !isBegun($0) }.map(\.name)
    if !left.isEmpty {
      console.result(
        "\(CountText.of(left.count, "table is", "tables are")) not begun: "
          + left.joined(separator: ", "))
    }
    for line in closing {
      if outcome.ending == .completed { console.result(line) } else { console.insist(line) }
    }
  }

  static func tellAlwaysNull(_ table: RunOutcome.Table, _ console: Console) {
    for found in table.alwaysNull {
      console.result(
        "\(console.output.mark(.warning)) \(table.name)\(found.isEach ? ": " : ".")\(found.description)"
      )
    }
  }

  private var closing: [String] {
    if outcome.wasComplete {
      let rows =
        openRows > 0
        ? ["\(CountText.of(openRows, "row is", "rows are")) quarantined: migrate errors\(ofPart)"]
        : []
      return ["nothing is left to do; to start over: migrate run --fresh"] + rows + acceptance
    }
    if outcome.isDryRun {
      return ["dry run: nothing was changed"] + rejects + acceptance + consistency
    }
    let summary = RunSummary(outcome, request, log: log, openRows: openRows)
    let isEmptied = isRolledBack && response?.trigger.action == .rollbackSession
    return summary.facts + (response.map(Self.lines) ?? []) + retry + acceptance + consistency
      + summary.files
      + RunSteps(
        outcome, request, openRows: summary.open, isRolledBack: isRolledBack, isEmptied: isEmptied
      ).lines
  }

  private var retry: [String] {
    retried.map { ["the retry loaded \(CountText.of($0.reduce(0) { $0 + $1.loaded }, "row"))"] }
      ?? []
  }

  private var consistency: [String] {
    guard !outcome.isConsistent else { return [] }
    return [
      "the source was read in more than one snapshot: rows written in between may differ"
    ]
  }

  /// What was accepted, and by whom: a run that ends with exit code 0 next to quarantined rows says why.
  private var acceptance: [String] {
    var lines = outcome.accepted.map(\.words)
    if outcome.ending == .completed, openRows > 0, outcome.isAccepted(by: request),
      let share = request.acceptedShare ?? request.plan.limits.acceptedShare
    {
      let source = request.acceptedShare == nil ? "limits.acceptRejects" : "--accept-rejects"
      lines.append(
        "no table has more than \(ShareText.limit(share)) of its rows quarantined, which \(source) accepts: "
          + "exit code 0")
    }
    return lines
  }

  /// The session of a part is not the one that commands take on their own.
  private var ofPart: String { request.isPart ? " --session \(outcome.session)" : "" }

  /// What a dry run would quarantine; no ledger has it afterwards.
  private var rejects: [String] {
    guard let rejects = outcome.rejects, !rejects.patterns.isEmpty else { return [] }
    let count = rejects.patterns.reduce(0) { $0 + $1.count }
    var lines =
      ["\(CountText.of(count, "row")) would be quarantined:"]
      + ErrorsCommand.lines(rejects.patterns)
    guard request.keepsRejects else {
      return lines + ["list them all: --dry-run --details"]
    }
    lines += ErrorsCommand.lines(rejects.rows)
    if count > rejects.rows.count {
      lines.append(
        "\(CountText.of(count - rejects.rows.count, "more row is", "more rows are")) not shown")
    }
    return lines
  }

  private var isRolledBack: Bool {
    if case .rolledBack? = response?.result { true } else { false }
  }

  private static func lines(_ response: TriggerResponse) -> [String] {
    var lines = response.trigger.patterns.map { "  \($0)" }
    if response.trigger.kind == .validation {
      lines.append("validated: NO-GO: \(response.trigger.what)")
    }
    guard response.trigger.action != .stop || response.isFailure else { return lines }
    lines.append(response.words)
    if case .failed(_, let remedy?) = response.result { lines.append("  hint: \(remedy)") }
    return lines
  }

  private var document: JSONValue {
    var stop: JSONValue = .null
    if case .stopped(let code, let what) = outcome.ending {
      stop = [
        "code": .text(code.rawValue), "what": .text(what),
        "toDo": .text(RunSteps.remedy(code, isRolledBack)),
      ]
    }
    return [
      "ending": .text(endingName), "stop": stop,
      "forecast": outcome.forecast.map(ForecastText.json) ?? .null,
      "session": .id(outcome.session),
      "dryRun": .bool(outcome.isDryRun), "consistent": .bool(outcome.isConsistent),
      "seconds": .double(outcome.duration / .seconds(1)),
      "rowsReadByRun": .int(outcome.tables.reduce(0) { $0 + $1.sheet.readByRun }),
      "openRows": .int(openRows),
      "part": .bool(request.isPart), "rejects": rejectsDocument,
      "acceptRejects": (request.acceptedShare ?? request.plan.limits.acceptedShare)
        .map(JSONValue.double) ?? .null,
      "acceptedRejects": .array(outcome.accepted.map(\.json)),
      "trigger": response?.json ?? .null,
      "retried": retried.map { .int($0.reduce(0) { $0 + $1.loaded }) } ?? .null,
      "tables": .array(outcome.tables.map(Self.json)),
    ]
  }

  private static func json(_ table: RunOutcome.Table) -> JSONValue {
    guard case .object(let sheet) = BooksText.json(table.sheet) else { return .null }
    let found = table.alwaysNull.map { found -> JSONValue in
      ["column": .text(found.column), "source": .text(found.source), "rows": .int(found.rows)]
    }
    return .object(
      JSONObject(sheet.members.map { ($0.key, $0.value) } + [("alwaysNull", .array(found))]))
  }

  private var rejectsDocument: JSONValue {
    guard let rejects = outcome.rejects else { return .null }
    return [
      "patterns": .array(rejects.patterns.map(ErrorsCommand.document)),
      "rows": request.keepsRejects ? .array(rejects.rows.map(ErrorsCommand.document)) : .null,
    ]
  }

  private var endingName: String {
    switch outcome.ending {
    case .completed: "completed"
    case .paused: "paused"
    case .stopped: "stopped"
    }
  }
}
