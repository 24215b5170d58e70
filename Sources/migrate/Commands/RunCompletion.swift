import MigrationCore

/// The block at the end of a migration: what there is now, and what comes next.
struct RunCompletion {
  private let outcome: RunOutcome
  private let request: RunRequest

  init(_ outcome: RunOutcome, _ request: RunRequest) {
    (self.outcome, self.request) = (outcome, request)
  }

  /// Empty for a run after which something is left to do.
  var lines: [String] {
    guard outcome.endsSession else { return [] }
    let sheets = outcome.tables.map(\.sheet)
    let read = sheets.reduce(0) { $0 + $1.read }
    let open = outcome.openRows
    let share = ShareText.measured(read > 0 ? Double(open) / Double(read) : 0)
    let errors = "\(GroupedNumber.text(open)) records (\(share))"
    var lines = [
      "", "Migration Complete: session \(outcome.session) of \(request.plan.name)",
      "  Records: \(GroupedNumber.text(read)) in the tables of this run", "  Errors: \(errors)",
    ]
    if request.checkpointFile != nil { lines.append("Checkpoint file deleted") }
    if open > 0 { lines.append("Error details: \(ErrorLog.defaultName)") }
    let steps =
      (open > 0 ? ["Review the errors: migrate errors --patterns"] : [])
      + ["Run the validation: migrate validate", "Write the receipt: migrate receipt write"]
    lines.append("Next steps:")
    return lines + steps.enumerated().map { "  \($0.offset + 1). \($0.element)" }
  }
}
