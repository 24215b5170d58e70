import MigrationBasics
import MigrationLedger
import Postgres

/// Completes a loaded table: indexes, sequences, row counts.
struct TableFinish {
  let work: TableWork
  let ledger: Ledger
  let session: SessionID
  let run: RunID?
  let lanes: Int
  let targets: TargetConnections
  let statements: CancelRegistry
  let isDryRun: Bool
  let tell: (String) -> Void

  /// - Parameters:
  ///   - hasSuspended: whether indexes or constraints may be off the table.
  ///   - admits: whether the table may be called done, by its row counts.
  /// - Returns: The table's row counts that add up; nil if it may not be called done.
  func finish(
    hasSuspended: Bool, admits: (RowCounts) throws -> Bool
  ) throws -> RowCounts? {
    if hasSuspended {
      try ledger.setStatus(.restoring, table: work.id)
      tell("indexes")
      try restore(.indexes(of: work.name))
    }
    tell("sequences")
    // Changes of sequences do not roll back, so that a dry run leaves them alone.
    if !isDryRun {
      let sequences = try Sequences(ledger).sequences(of: work.name)
      _ = try Sequences(ledger).reset(sequences, of: work.name)
      try ledger.noteSequencesAfter(sequences, table: work.id)
    }
    let sheet = try checkedBooks()
    guard try admits(sheet) else { return nil }
    try ledger.setStatus(.done, table: work.id)
    return sheet
  }

  /// Restores what was suspended, on several connections at once.
  func restore(_ scope: Restoration.Scope) throws {
    let restoration = Restoration(scope: scope, maintenanceMemory: "256MB")
    let helpers = try (1..<max(2, lanes)).map { _ in
      try WorkerThread { [targets, statements] in
        // What a helper can't do, the others do.
        guard let ledger = try? targets.take(statements: .zero) else { return }
        let place = statements.enter(helper: ledger.connection)
        _ = try? restoration.work(through: ledger)
        statements.leave(lane: place)
        targets.giveBack(ledger, statements: .zero)
      }
    }
    defer { for helper in helpers { helper.join() } }
    try restoration.work(through: ledger).requireSuccess()
  }

  private func checkedBooks() throws -> RowCounts {
    let sheet = try ledger.balance(session: session, run: run, tables: [work.plan.name]).first
    guard let sheet, sheet.isComplete else {
      throw MigrationError(
        .coded(.corruption), "\(work.name) has unfinished chunks",
        remedy: "run again: migrate run")
    }
    guard sheet.closes else {
      let faults = sheet.faults.map { "\($0.kind.rawValue): \($0.expected) and \($0.found)" }
      throw MigrationError(
        .coded(.corruption), "the row counts of \(work.name) do not add up",
        place: faults.joined(separator: "; "),
        remedy: "see the chunks of the table in the ledger; the table is not finished")
    }
    return sheet
  }
}
