import MigrationBasics
import MigrationLedger
import Postgres

/// What is done about rows that are not in the target as they were sent, if the plan names it.
extension TableMove {
  /// Reads a loaded table back and stops the run if it does not add up to what was sent.
  ///
  /// Before the table counts as done: a run that continues checks it again.
  func readBack(_ work: TableWork) throws {
    guard active.watchesCorruption else { return }
    tools.observer(.preparing(table: work.plan.name, step: "reading back"))
    let judgement = try connection.retryOnConnectionLoss(plan.name) { ledger in
      try Self.judgement(of: work, active.session, ledger)
    }
    guard let judgement else {
      return tools.warn("\(work.plan.name) was not read back: the ledger lacks fingerprints of it")
    }
    guard !judgement.differing.isEmpty, !judgement.isRewritten else { return }
    let chunks =
      "\(judgement.differing.count) of \(CountText.of(judgement.book.groups.count, "chunk"))"
    active.supervisor.stop(
      .limit(
        .corruption,
        "\(chunks) of \(work.plan.name) are corrupted in the target; to see the rows: "
          + "migrate validate --fingerprint --table \(work.plan.command)"))
  }

  /// Returns nil if the ledger has not all that would be needed.
  private static func judgement(
    of work: TableWork, _ session: Session, _ ledger: Ledger
  ) throws -> FingerprintJudgement? {
    guard let bytes = session.fingerprintKey else { return nil }
    let book = try ledger.fingerprints(table: work.id)
    guard !book.isEmpty, book.groups.allSatisfy({ $0.expected != nil }) else { return nil }
    let reading = FingerprintReading(
      book: book, key: FingerprintKey(bytes), table: try work.target.ownRows())
    return FingerprintJudgement(
      book: book, tally: try reading.run(ledger.connection),
      before: try ledger.rowsBefore(table: work.id) ?? 0)
  }
}

extension ActiveRun {
  var watchesCorruption: Bool {
    !request.dryRun && request.plan.triggers.names(.corruption)
  }

  /// Makes a stop of a failure that means corruption; returns whether it was one.
  ///
  /// Such a failure ends a run like any other, unless the plan says what follows from it.
  func stopped(by error: any Error) -> Bool {
    guard watchesCorruption, let error = error as? MigrationError,
      error.kind == .coded(.corruption),
      tools.control.stopLevel == .keepRunning || tools.control.cause == nil
    else { return false }
    let cause = StopCause.limit(
      .corruption, [error.what, error.place].compactMap { $0 }.joined(separator: "; "))
    tools.control.stop(cause)
    tools.observer(.stopping(cause, atOnce: false))
    return true
  }
}
