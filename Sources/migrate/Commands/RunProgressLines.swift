import MigrationCore
import Synchronization

/// Reports on stderr how a run progresses: a bar on a terminal, plain lines elsewhere.
final class RunProgressLines: Sendable {
  private let console: Console
  private struct Shown {
    var nextLine = ContinuousClock.now
    var told: Set<String> = []
  }
  private let shown = Mutex(Shown())
  /// The time between two lines if there is no terminal.
  private let interval: Duration
  private let showsProgress: Bool
  private let outline: RunOutline

  init(_ console: Console, _ settings: Settings, _ request: RunRequest) {
    self.console = console
    outline = RunOutline(request, settings)
    interval = settings.value(.progressInterval)
    showsProgress = settings.value(.isMonitoring)
  }

  var observer: RunObserver { { [self] event in tell(event) } }

  private func tell(_ event: RunEvent) {
    switch event {
    case .progress(let report): progress(report)
    case .tableBegan(let report):
      console.note("\(report.table): \(CountText.of(report.rowsPlanned, "row")), \(lanes(report))")
    case .tableEnded(let table): ended(table)
    case .continued(let found):
      skip(found.done)
      for text in Self.lines(found) { console.note(text) }
    case .newlyQuarantined, .quarantined: break
    case .preparing(let table, let step):
      if let heading = outline.heading(table) { console.note(heading) }
      console.explain(table.isEmpty ? step : "\(table): \(step)")
    case .began(let session, let lost):
      for text in outline.summary(session) { console.note(text) }
      for run in lost {
        console.note(
          "run \(run.id) (\(run.identity.host), process \(run.identity.process)) ended without a word"
        )
      }
      if session.isContinued { console.note("continuing \(session.label)") }
    case .retrying(let table, let chunk, let failure, let wait):
      let place = chunk.map { "\(table), chunk \($0)" } ?? table
      console.warn("\(place): \(failure); trying again in \(DurationText.short(wait))")
    case .searchingBadRows(let table, let chunk, let failure):
      console.explain("\(table), chunk \(chunk): \(failure); searching the rows")
    case .stalled(let report): tell(report)
    case .forecast(let forecast):
      let text = ForecastText.line(forecast)
      if forecast.isExpectedToFinish { console.note(text) } else { console.warn(text) }
    case .warning(let text): console.warn(text)
    case .health(let health): tell(health)
    case .adjusted(let changes, let requester):
      console.note("configured by \(requester): \(AdjustmentsText.line(changes))")
    case .stopping(let cause, let atOnce):
      console.insistOnNote(stopping(cause, atOnce: atOnce))
    }
  }

  /// Tables whose end was told, or that an earlier run has completed: the report at the end leaves them out.
  var told: Set<String> { shown.withLock { $0.told } }

  /// A table's end is a result, which the report at the end does not repeat.
  private func ended(_ table: RunOutcome.Table) {
    guard !console.isJSON else { return console.note(outline.ending(table)) }
    shown.withLock { _ = $0.told.insert(table.name) }
    console.result("\(console.output.mark(outline.verdict(table))) \(outline.ending(table))")
    RunReport.tellAlwaysNull(table, console)
  }

  private func skip(_ tables: [RunContinuation.Table]) {
    shown.withLock { $0.told.formUnion(tables.map(\.name)) }
  }

  /// What an earlier run has done, and where this one goes on.
  static func lines(_ found: RunContinuation) -> [String] {
    // A session that has only been started has no checkpoint.
    guard found.rowsLoaded > 0 || !found.done.isEmpty || found.next?.rowsRead ?? 0 > 0 else {
      return []
    }
    var lines: [String] = []
    let migrated = "\(GroupedNumber.text(found.rowsLoaded)) records already migrated"
    if let next = found.next {
      lines.append("Checkpoint found: Resuming from \(next.name) (\(migrated))")
    } else {
      lines.append("Checkpoint found: the tables of this run are complete (\(migrated))")
    }
    if !found.done.isEmpty {
      let tables = found.done.map { "\($0.name) (\(GroupedNumber.text($0.rowsLoaded)))" }
      lines.append("Skipping completed tables: " + tables.joined(separator: ", "))
    }
    if let next = found.next, next.rowsRead > 0 {
      lines.append(
        "Continuing: \(next.name), \(GroupedNumber.text(next.rowsRead)) records are read already")
    }
    return lines
  }

  private func stopping(_ cause: StopCause, atOnce: Bool) -> String {
    guard !atOnce else { return "stopping (\(cause.text)): the current chunks are rolled back" }
    let again =
      switch cause {
      case .interrupted: "; Ctrl+C again rolls them back"
      case .terminated: "; a second signal rolls them back"
      case .requested, .timeIsUp, .limit: ""
      }
    return "stopping (\(cause.text)): the current chunks are finished first\(again)"
  }

  private func tell(_ report: StallReport) {
    console.warn("nothing was committed for \(DurationText.short(report.silence))")
    for lane in report.lanes {
      let blockers = lane.blockers.map {
        "process \($0.backend) (\($0.user), \($0.application), \($0.state), "
          + "transaction open for \($0.seconds) s)"
      }
      console.note(
        "  server process \(lane.backend) "
          + (lane.waitsFor.isEmpty ? "is at work" : "waits for \(lane.waitsFor)")
          + (blockers.isEmpty ? "" : ", blocked by " + blockers.joined(separator: ", ")))
    }
  }

  private func tell(_ health: ServerHealth) {
    switch health.state {
    case .answering where health.isNew: console.note(health.text)
    case .answering: console.explain(health.text)
    case .slow, .silent, .lost: console.warn(health.text)
    }
  }

  private func progress(_ report: TableProgressReport) {
    guard console.detail >= .normal, showsProgress else { return }
    if console.errors.isTerminal { return console.picture("\r\u{1B}[2K" + bar(report)) }
    let isDue = shown.withLock { state in
      guard ContinuousClock.now >= state.nextLine else { return false }
      state.nextLine = .now + interval
      return true
    }
    if isDue { console.picture(text(report) + "\n") }
  }

  private func bar(_ report: TableProgressReport) -> String {
    var parts = [
      "\(GroupedNumber.text(report.rowsRead))/\(GroupedNumber.text(report.rowsExpected)) rows"
    ]
    parts.append("\(GroupedNumber.text(Int(report.rate))) rows/s")
    if let left = report.remaining { parts.append("\(DurationText.short(left)) left") }
    parts.append(lanes(report))
    if report.rowsRejected > 0 {
      parts.append("\(GroupedNumber.text(report.rowsRejected)) quarantined")
    }
    let share =
      report.rowsPlanned > 0 ? Double(report.rowsRead) / Double(report.rowsPlanned) : 1
    return ProgressBar(stream: console.errors).line(report.table, share: share, parts)
  }

  private func text(_ report: TableProgressReport) -> String {
    let share = report.rowsExpected > 0 ? report.rowsRead * 100 / report.rowsExpected : 100
    let left = report.remaining.map { ", ETA: \(DurationText.short($0))" } ?? ""
    let rejects =
      report.rowsRejected > 0 ? ", \(GroupedNumber.text(report.rowsRejected)) quarantined" : ""
    let rows =
      "\(GroupedNumber.text(report.rowsRead))/\(GroupedNumber.text(report.rowsExpected)) records"
    return "\(report.table): Progress: \(share)% (\(rows)), "
      + "\(GroupedNumber.text(Int(report.rate))) records/s, \(lanes(report))\(rejects)\(left)"
  }

  private func lanes(_ report: TableProgressReport) -> String {
    CountText.of(report.lanes, "lane")
  }
}
