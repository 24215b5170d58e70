import Glibc
import MigrationCore

/// The block at the end of a run: how far the migration is, when and how fast it got there, and which files there are.
struct RunSummary {
  private let outcome: RunOutcome
  private let request: RunRequest
  /// The log of runs; nil if there is none.
  private let log: String?
  /// Rows of this run's tables that wait in the quarantine after all that was done.
  private let openRows: Int

  private var totals: SessionTotals { outcome.totals }

  init(_ outcome: RunOutcome, _ request: RunRequest, log: String?, openRows: Int) {
    (self.outcome, self.request) = (outcome, request)
    (self.log, self.openRows) = (log, openRows)
  }

  var facts: [String] {
    ["", heading, "  Session: \(session) of \(request.plan.name)"] + progress
      + ["  Total records: \(records)", "  Errors: \(errors)"] + times
  }

  private var session: String {
    "\(outcome.session)" + (totals.title.map { " (\($0))" } ?? "")
  }

  private var heading: String {
    switch outcome.ending {
    case .completed where outcome.endsSession: "Migration Complete"
    case .completed where request.isPart: "Part of the rows complete"
    case .completed: "Run complete; the migration is not"
    case .paused(let cause): "Migration paused (\(cause.text)); what is committed is safe"
    case .stopped(let code, let what): "Migration stopped, \(code.rawValue): \(what)"
    }
  }

  private var progress: [String] {
    // Rounded down, so that 100% is said only of what is done.
    [
      "  Progress: \(Int(totals.share * 100))% complete (\(totals.tablesDone)/\(totals.tables) tables, "
        + "\(GroupedNumber.text(totals.rowsLoaded)) records migrated)"
    ]
  }

  private var readByRun: Int { outcome.tables.reduce(0) { $0 + $1.sheet.readByRun } }

  private var records: String {
    var parts = ["\(GroupedNumber.text(totals.rowsRead)) read"]
    if readByRun != totals.rowsRead {
      parts[0] += " (\(GroupedNumber.text(readByRun)) of them by this run)"
    }
    parts.append("\(GroupedNumber.text(totals.rowsLoaded)) loaded")
    if totals.rowsMerged > 0 { parts.append("\(GroupedNumber.text(totals.rowsMerged)) merged") }
    if totals.rowsFiltered > 0 {
      parts.append("\(GroupedNumber.text(totals.rowsFiltered)) filtered")
    }
    return parts.joined(separator: ", ")
  }

  /// Rows of the session that wait in the quarantine; what a retry at the end of the run has loaded waits no more.
  var open: Int { totals.openRows - outcome.openRows + openRows }

  private var errors: String {
    let share = totals.rowsRead > 0 ? Double(open) / Double(totals.rowsRead) : 0
    let records = CountText.of(open, "record")
    return "\(records) quarantined (\(ShareText.measured(share)))"
  }

  private var times: [String] {
    let seconds = outcome.duration / .seconds(1)
    // What earlier runs of the session read did not take this run's time.
    let speed = Int(Double(readByRun) / max(seconds, 0.001))
    let whole = Duration.microseconds(totals.ended.microseconds - totals.begun.microseconds)
    // Both are shown if start and end would contradict the run's own time.
    let isLater = whole > outcome.duration + .seconds(1)
    return [
      "  Start: \(Self.text(totals.begun))", "  End:   \(Self.text(totals.ended))",
      "  Duration: \(DurationText.short(outcome.duration))"
        + (isLater ? " of this run, \(DurationText.short(whole)) since the start" : ""),
      "  Speed: \(GroupedNumber.text(speed)) records/s",
    ]
  }

  private static func text(_ moment: Moment) -> String {
    moment.description.prefix(19).replacing("T", with: " ") + " UTC"
  }

  /// The files of the run, as they are now.
  var files: [String] {
    var lines: [String] = []
    if let file = request.checkpointFile, !request.isPart {
      let isThere = access(file, F_OK) == 0
      let name = CheckpointFile.defaultName
      if outcome.endsSession {
        lines.append(
          isThere
            ? "Checkpoint file \(name) is still there"
            : "Checkpoint file deleted (migration successful)")
      } else if isThere {
        lines.append("Checkpoint saved to \(name)")
      }
    }
    if totals.openRows > 0, let file = request.errorLogFile, !request.isPart,
      access(file, F_OK) == 0
    {
      lines.append("Error details: \(ErrorLog.defaultName)")
    }
    if let log { lines.append("Log: \(log)") }
    return lines
  }
}
