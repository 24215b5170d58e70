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
  ///   - endsAtOnce: whether a table of which no row was quarantined may be called done.
  ///   - question: an SQL condition to ask in the same round trip.
  ///   - answer: receives whether it holds.
  ///   - admits: whether the table may be called done, by its row counts.
  /// - Returns: The table's row counts that add up; nil if it may not be called done.
  func finish(
    hasSuspended: Bool, endsAtOnce: Bool, asking question: String?, _ answer: (Bool) -> Void,
    admits: (RowCounts) throws -> Bool
  ) throws -> RowCounts? {
    if hasSuspended {
      try ledger.setStatus(.restoring, table: work.id)
      tell("indexes")
      try restore(.indexes(of: work.name))
    }
    tell("sequences")
    let condition =
      endsAtOnce && !isDryRun ? "NOT (\(try Sequences.mayExist(of: work.name)))" : "false"
    var pipeline = Pipeline()
    let asked = question.map { pipeline.query("SELECT " + $0) }
    let place = ledger.finish(
      table: work.id, named: work.plan.name, session: session, run: run, if: condition,
      in: &pipeline)
    let results = try ledger.connection.run(pipeline)
    if let asked { answer(results[asked].bool(0, 0) ?? false) }
    let (counts, isDone) = Ledger.finished(results[place])
    if isDone { return counts }
    // Changes of sequences do not roll back, so that a dry run leaves them alone.
    if !isDryRun {
      let sequences = try Sequences(ledger).sequences(of: work.name)
      _ = try Sequences(ledger).reset(sequences, of: work.name)
      try ledger.noteSequencesAfter(sequences, table: work.id)
    }
    let sheet = try checked(counts)
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

  private func checked(_ sheet: RowCounts?) throws -> RowCounts {
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
