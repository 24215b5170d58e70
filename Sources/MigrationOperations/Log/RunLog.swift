import Glibc
import MigrationBasics
import MigrationEngine
import MigrationLedger
import Synchronization

/// Writes the events of a run into its log.
package final class RunLog: Sendable {
  private struct State {
    var session: SessionID?
    var nextProgress = ContinuousClock.now
    /// How many rows were quarantined for a reason.
    var quarantined: [Reason: Int] = [:]
  }
  /// What rows of a column are quarantined for.
  private struct Reason: Hashable {
    let table: String
    let code: ErrorCode
    let column: String?
    let reason: String

    init(_ entry: QuarantineEntry) {
      (table, code) = (entry.table, entry.row.code)
      (column, reason) = (entry.row.column, entry.row.reason)
    }
  }

  private let file: LogFile
  private let level: LogLevel
  private let interval: Duration
  private let redactor: Redactor
  private let command: String
  private let state = Mutex(State())

  /// - Parameter interval: the time between two entries about progress.
  package init(
    _ file: LogFile, level: LogLevel, interval: Duration, redactor: Redactor, command: String
  ) {
    (self.file, self.level, self.interval) = (file, level, interval)
    (self.redactor, self.command) = (redactor, command)
  }

  package var path: String { file.path }

  package var observer: RunObserver { { [self] event in take(event) } }

  /// Notes how the run ended.
  package func ended(_ outcome: RunOutcome) {
    let loaded = outcome.tables.reduce(0) { $0 + $1.sheet.loaded }
    let details: [(String, JSONValue)] = [
      ("loaded", .int(loaded)), ("openRows", .int(outcome.openRows)),
      ("seconds", .double(outcome.duration / .seconds(1))),
    ]
    switch outcome.ending {
    case .completed:
      write(.info, "completed", "completed, \(CountText.of(loaded, "row")) loaded", details)
    case .paused: write(.info, "paused", "paused with work left", details)
    case .stopped(let code, let what):
      write(.error, "stopped", "\(code.rawValue) \(what)", details)
    }
  }

  /// Notes that a notification could not be delivered.
  package func undelivered(_ lost: Notifier.Undelivered) {
    write(.warn, "notifyFailed", lost.why, [("notification", .text(lost.event.rawValue))])
  }

  /// Notes that the run failed.
  package func failed(_ what: String) { write(.error, "failed", what) }

  /// Notes what followed on its own from how the run ended.
  package func triggered(_ response: TriggerResponse) {
    write(.error, "trigger", response.words, [("trigger", response.json)])
  }

  private func take(_ event: RunEvent) {
    switch event {
    case .began(let session, let lost):
      state.withLock { $0.session = session.id }
      for run in lost { write(.warn, "runLost", "run \(run.id) ended without reporting") }
      write(
        .info, "began", session.isContinued ? "continued: \(command)" : "started: \(command)",
        [("plan", .text(session.plan))])
    case .preparing(let table, let step):
      write(.debug, "preparing", table: table.isEmpty ? nil : table, step)
    case .tableBegan(let report):
      write(
        .info, "tableBegan", table: report.table,
        "\(CountText.of(report.rowsPlanned, "row")) in \(CountText.of(report.chunks, "chunk"))",
        [("lanes", .int(report.lanes))])
    case .progress(let report): progress(report)
    case .tableEnded(let table): ended(table)
    default: takeTrouble(event)
    }
  }

  private func takeTrouble(_ event: RunEvent) {
    switch event {
    case .retrying(let table, let chunk, let failure, let wait):
      write(
        .warn, "chunkRetried", table: table, failure,
        [
          ("chunk", chunk.map(JSONValue.int) ?? .null),
          ("waitMilliseconds", .int(Int(wait / .milliseconds(1)))),
        ])
    case .searchingBadRows(let table, let chunk, let failure):
      write(.info, "searchingBadRows", table: table, failure, [("chunk", .int(chunk))])
    case .stalled(let report):
      write(
        .warn, "stalled", "nothing was committed for \(Int(report.silence / .seconds(1))) s",
        [("lanes", .int(report.lanes.count))])
    case .warning(let text): write(.warn, "warning", text)
    case .health(let health): take(health)
    case .adjusted(let changes, let requester):
      write(.info, "configured", "configured by \(requester)", [("changes", changes.json)])
    case .stopping(let cause, _): write(.info, "stopping", "stopping: \(cause.text)")
    case .newlyQuarantined(let found): for entry in found.rows { count(entry) }
    case .quarantined(let rows):
      for pattern in rows.patterns {
        tell(Reason(pattern.example), rows: pattern.openCount, isSoFar: false)
      }
    default: break
    }
  }

  /// Notes the first row of a reason at once, and again each time that its rows have become ten times as many.
  private func count(_ entry: QuarantineEntry) {
    let reason = Reason(entry)
    let count = state.withLock { state in
      state.quarantined[reason, default: 0] += 1
      return state.quarantined[reason] ?? 0
    }
    if Self.isPowerOfTen(count) { tell(reason, rows: count, isSoFar: true) }
  }

  private static func isPowerOfTen(_ count: Int) -> Bool {
    var power = 1
    while power < count { power *= 10 }
    return power == count
  }

  /// What rows of a column are quarantined for, in the words of the log of errors.
  ///
  /// - Parameter isSoFar: Whether the run is still at work.
  private func tell(_ reason: Reason, rows: Int, isSoFar: Bool) {
    let column = reason.column.map { " \($0)" } ?? ""
    write(
      .error, "quarantined", table: reason.table,
      "\(CountText.of(rows, "row")) quarantined\(isSoFar ? " so far" : ""): "
        + "\(reason.code.kindOfError) (\(reason.code.rawValue))\(column): \(reason.reason)",
      [
        ("code", .text(reason.code.rawValue)), ("column", .optional(reason.column)),
        ("rows", .int(rows)), ("soFar", .bool(isSoFar)),
      ])
  }

  /// A server that answers as it should is noted only if it did not before.
  private func take(_ health: ServerHealth) {
    let details: [(String, JSONValue)] = [
      ("server", .text(health.role.rawValue)), ("state", .text(health.state.name)),
    ]
    switch health.state {
    case .answering: write(health.isNew ? .info : .debug, "health", health.text, details)
    case .slow(let time), .silent(let time):
      write(
        .warn, "health", health.text,
        details + [("milliseconds", .int(Int(time / .milliseconds(1))))])
    case .lost: write(.warn, "health", health.text, details)
    }
  }

  private func progress(_ report: TableProgressReport) {
    let isDue = state.withLock { state in
      guard ContinuousClock.now >= state.nextProgress else { return false }
      state.nextProgress = .now + interval
      return true
    }
    guard isDue else { return }
    write(
      .info, "progress", table: report.table,
      "\(GroupedNumber.text(report.rowsRead)) of \(CountText.of(report.rowsExpected, "row")), "
        + "\(GroupedNumber.text(Int(report.rate))) rows/s",
      [("rejected", .int(report.rowsRejected)), ("lanes", .int(report.lanes))])
  }

  private func ended(_ table: RunOutcome.Table) {
    let sheet = table.sheet
    write(
      sheet.closes ? .info : .error, "tableEnded", table: table.name,
      "\(GroupedNumber.text(sheet.read)) read, \(GroupedNumber.text(sheet.loaded)) loaded, "
        + "\(GroupedNumber.text(sheet.quarantined)) quarantined",
      [("warnings", .int(sheet.warned)), ("closes", .bool(sheet.closes))])
  }

  private func write(
    _ level: LogLevel, _ event: String, table: String? = nil, _ message: String,
    _ details: [(String, JSONValue)] = []
  ) {
    guard level <= self.level else { return }
    let session = state.withLock { $0.session }
    let entry = LogEntry(
      at: Moment.now(), level, event, table: table, message,
      [("session", session.map(JSONValue.id) ?? .null), ("process", .int(Int(getpid())))]
        + details)
    file.append(entry.scrubbed(redactor).line)
  }
}
