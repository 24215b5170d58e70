import MigrationCore

/// What to do after a run, numbered, for exactly the state that it left.
struct RunSteps {
  private let outcome: RunOutcome
  private let request: RunRequest
  private let openRows: Int
  /// Whether a trigger of the plan has rolled something back, and whether nothing of the session is left.
  private let isRolledBack: Bool
  private let isEmptied: Bool

  init(
    _ outcome: RunOutcome, _ request: RunRequest, openRows: Int, isRolledBack: Bool,
    isEmptied: Bool
  ) {
    (self.outcome, self.request, self.openRows) = (outcome, request, openRows)
    (self.isRolledBack, self.isEmptied) = (isRolledBack, isEmptied)
  }

  var lines: [String] {
    ["", "Next steps:"] + steps.enumerated().map { "  \($0.offset + 1). \($0.element)" }
  }

  private var steps: [String] {
    switch outcome.ending {
    case .paused: quarantine + ["Continue: migrate resume"]
    case .stopped(let code, _): afterStop(code)
    case .completed where request.isPart:
      quarantine + ["To delete its rows: migrate rollback --session \(outcome.session)"]
    case .completed where outcome.endsSession:
      quarantine + [
        "Run the validation: migrate validate", "Write the receipt: migrate receipt write",
      ]
    case .completed: quarantine + [rest]
    }
  }

  private var rest: String {
    let left = outcome.totals.tablesLeft
    guard let first = left.first else { return "Restore the foreign keys: migrate run" }
    let more = left.count > 1 ? " and \(left.count - 1) more" : ""
    return "Move the remaining tables (\(first)\(more)): migrate run"
  }

  /// Rows that were rolled back wait for nothing.
  private var quarantine: [String] {
    guard openRows > 0, !isRolledBack else { return [] }
    let part = request.isPart ? " --session \(outcome.session)" : ""
    let rows = CountText.of(openRows, "row is", "rows are")
    return [
      "Review the errors (\(rows) quarantined): migrate errors --patterns\(part)",
      "Correct the rows in the source and load them: migrate retry\(part)",
    ]
  }

  private func afterStop(_ code: ErrorCode) -> [String] {
    let next = isEmptied ? "migrate run" : "migrate resume"
    guard code == .data, !isRolledBack else {
      return quarantine + [Self.remedy(code, isRolledBack), "Continue: \(next)"]
    }
    return [
      "See why: migrate errors --patterns",
      "Correct the rows in the source and load them: migrate retry",
      "Continue: \(next)",
      "Or accept the rejects, which the ledger and the audit log record: \(next) --accept-rejects N%",
    ]
  }

  static func remedy(_ code: ErrorCode, _ isRolledBack: Bool) -> String {
    switch code {
    case .data where isRolledBack: "see why: \(ErrorLog.defaultName)"
    case .timeout: "allow more time (limits.time of the plan)"
    case .corruption: "find out what changes rows during the load"
    case .memory: "take fewer lanes (--parallel 1) or smaller chunks, or allow more (--max-memory)"
    case .disk: "free space on the target's disk, or lower --min-free-disk"
    case .data: "see why: migrate errors --patterns; correct the rows and load them: migrate retry"
    default: "see why: migrate errors --patterns"
    }
  }
}
