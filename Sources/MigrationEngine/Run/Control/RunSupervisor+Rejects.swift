import MigrationBasics
import MigrationLedger

/// Too many rejected rows: a table over its limit is accepted only by an explicit decision.
///
/// What earlier runs of the session rejected counts, or else each run would go a little further.
extension RunSupervisor {
  /// Stops the run if a limit is reached.
  func check(_ counts: ChunkCounts, of table: String, planned: Int?) {
    let cause = limits.breach(
      counts, of: table, planned: planned ?? 0, tell: tools.observer)
    if let cause { stop(cause) }
  }

  /// Returns whether a table may be begun or gone on with, by what earlier runs rejected; stops the run if not.
  func mayGoOn(with state: TableState) throws -> Bool {
    limits.beginTable(earlier.first { $0.table == state.name })
    guard var cause = limits.tooManyRejects(of: state.name, planned: 0, tell: tools.observer)
    else { return true }
    if request.acceptedShare != nil {
      // What is accepted is a share of all rows that are expected, not of those that were read.
      let planned = try connection.ledger.progress(session: session.id)
        .first { $0.table.id == state.id }?.rowEstimate
      guard
        let found = limits.tooManyRejects(
          of: state.name, planned: planned ?? 0, tell: tools.observer)
      else { return true }
      cause = found
    }
    stop(cause)
    return false
  }

  /// Whether a table without rejects may be called done with nothing to note.
  var admitsWithoutRejects: Bool { session.stopAt != 0 }

  /// Returns whether a table that is loaded may be called done, by all of its rejects; stops the run if not.
  func admits(_ sheet: RowCounts, _ ledger: Ledger) throws -> Bool {
    if case .stop(let share) = limits.judgement(rejected: sheet.open, of: sheet.read) {
      let words = limits.words(sheet.open, of: sheet.read, in: sheet.table, share)
      guard request.dryRun else {
        stop(.limit(.data, words))
        return false
      }
      tools.warn("a run would stop: \(words)")
      return true
    }
    guard !request.dryRun, let act = act(for: sheet) else { return true }
    let accepted = AcceptedRejects(
      table: sheet.table, rejected: sheet.open, rows: sheet.read, act: act)
    try ledger.note(accepted, session: session.id)
    self.accepted.append(accepted)
    return true
  }

  /// The decision that accepted a table's rejects; nil for a table that needed none.
  private func act(for sheet: RowCounts) -> String? {
    let plan = request.plan.limits
    if case .stop = plan.judgement(rejected: sheet.open, of: sheet.read) {
      return request.acceptedShare.map { "--accept-rejects \(ShareText.limit($0))" }
    }
    guard let begun = session.stopAt, begun < plan.stopErrorShare,
      sheet.read >= plan.leastRows, Double(sheet.open) >= begun * Double(sheet.read)
    else { return nil }
    return "limits.stopAt of the plan, \(ShareText.limit(plan.stopErrorShare)); "
      + "\(ShareText.limit(begun)) when the session started"
  }
}
