import MigrationCore

/// What a run says at its end, on one screen or as one document.
struct RunReport {
  private let outcome: RunOutcome
  private let request: RunRequest
  /// The outcome of the retry of quarantined rows at the end of the run.
  private let retried: [QuarantineRetry.Outcome]?
  /// What followed on its own, if the plan says so.
  private let response: TriggerResponse?

  init(
    _ outcome: RunOutcome, _ request: RunRequest, retried: [QuarantineRetry.Outcome]? = nil,
    response: TriggerResponse? = nil
  ) {
    (self.outcome, self.request, self.retried) = (outcome, request, retried)
    self.response = response
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
    for table in outcome.tables.filter(isBegun) {
      let mark = console.output.mark(table.isDone || outcome.isDryRun ? .pass : .warning)
      console.result("\(mark) \(table.name): \(BooksText.line(table.sheet))")
      for found in table.alwaysNull {
        console.result(
          "\(console.output.mark(.warning)) \(table.name)\(found.isEach ? ": " : ".")\(found.description)"
        )
      }
    }
    let left = outcome.tables.filter { !isBegun($0) }.map(\.name)
    if !left.isEmpty {
      console.result(
        "\(left.count == 1 ? "1 table is" : "\(left.count) tables are") not begun: "
          + left.joined(separator: ", "))
    }
    for line in closing {
      if outcome.ending == .completed { console.result(line) } else { console.insist(line) }
    }
  }

  private var closing: [String] {
    var lines: [String] = []
    switch outcome.ending {
    case .completed where outcome.wasComplete:
      lines.append("nothing is left to do; to start over: migrate run --fresh")
    case .completed where outcome.isDryRun:
      lines.append("dry run: nothing was changed")
      lines += rejects
    case .completed:
      lines += completion + RunCompletion(outcome, request).lines
    case .paused(let cause):
      lines.append("paused (\(cause.text)); what is committed is safe")
      lines.append("go on with: migrate resume")
    case .stopped(let code, let what):
      lines.append("stopped, \(code.rawValue): \(what)")
      lines.append("\(remedy(code)); then go on with: \(next)")
      if code == .data, !isRolledBack {
        lines.append(
          "or let the table pass, which the ledger and the audit log keep: \(next) --accept-rejects N%"
        )
      }
    }
    if let response { lines += Self.lines(response) }
    if let retried {
      lines.append("\(retried.reduce(0) { $0 + $1.loaded }) rows were loaded by the retry")
    }
    if openRows > 0, !isRolledBack, !outcome.isDryRun {
      lines.append("\(openRows) rows are set aside: migrate errors\(ofPart)")
    }
    lines += acceptance
    if !outcome.isConsistent, !outcome.wasComplete {
      lines.append(
        "the source was read as of more than one moment: rows written to it meanwhile may differ")
    }
    return lines
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
    var lines = ["\(count) rows would be set aside:"] + ErrorsCommand.lines(rejects.patterns)
    guard request.keepsRejects else {
      return lines + ["list them all: --dry-run --details"]
    }
    lines += ErrorsCommand.lines(rejects.rows)
    if count > rejects.rows.count {
      lines.append("\(count - rejects.rows.count) more rows are not shown")
    }
    return lines
  }

  private var completion: [String] {
    let sheets = outcome.tables.map(\.sheet)
    let read = sheets.reduce(0) { $0 + $1.read }
    // What earlier runs of the session read did not take this run's time.
    let readNow = sheets.reduce(0) { $0 + $1.readByRun }
    let speed = Int(Double(readNow) / max(outcome.duration / .seconds(1), 0.001))
    let share = readNow == read ? "" : " (\(readNow) of them by this run)"
    let aside = sheets.reduce(0) { $0 + $1.open }
    // In hundredths of a percent, rounded up: one row of a million is not none.
    let asideShare = read > 0 ? (aside * 10_000 + read - 1) / read : 0
    let digits = "\(asideShare % 100 / 10)\(asideShare % 10)"
    return [
      "done in \(DurationText.short(outcome.duration)): \(read) rows read\(share), "
        + "\(speed) rows/s, \(aside) set aside (\(asideShare / 100).\(digits) %)",
      request.isPart
        ? "a part of the rows: session \(outcome.session); to take them out: "
          + "migrate rollback --session \(outcome.session)" : "next: migrate validate",
    ]
  }

  private var isRolledBack: Bool {
    if case .rolledBack? = response?.result { true } else { false }
  }

  /// A session of which nothing is left can't be continued.
  private var next: String {
    isRolledBack && response?.trigger.action == .rollbackSession
      ? "migrate run" : "migrate resume"
  }

  private static func lines(_ response: TriggerResponse) -> [String] {
    var lines = response.trigger.patterns.map { "  \($0)" }
    if response.trigger.kind == .validation {
      lines.append("validated: NO-GO: \(response.trigger.what)")
    }
    guard response.trigger.action != .stop || response.isFailure else { return lines }
    lines.append(response.words)
    if case .failed(_, let remedy?) = response.result { lines.append("    to do: \(remedy)") }
    return lines
  }

  private func remedy(_ code: ErrorCode) -> String {
    switch code {
    case .data where isRolledBack: "see why: \(ErrorLog.defaultName)"
    case .timeout: "allow more time (limits.time of the plan)"
    case .corruption: "find out who or what changes rows on their way"
    case .memory: "take fewer lanes (--parallel 1) or smaller chunks, or allow more (--max-memory)"
    case .disk: "make room on the target's disk, or ask for less (--min-free-disk)"
    case .data: "see why: migrate errors --patterns; correct the rows and load them: migrate retry"
    default: "see why: migrate errors --patterns"
    }
  }

  private var document: JSONValue {
    var stop: JSONValue = .null
    if case .stopped(let code, let what) = outcome.ending {
      stop = ["code": .text(code.rawValue), "what": .text(what), "toDo": .text(remedy(code))]
    }
    return [
      "ending": .text(endingName), "stop": stop,
      "forecast": outcome.forecast.map(ForecastText.json) ?? .null,
      "session": .int(outcome.session),
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
