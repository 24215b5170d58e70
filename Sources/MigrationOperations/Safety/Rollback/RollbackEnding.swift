import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Completes a rollback when the rows are gone: sequences, indexes and constraints, the
/// session, the files. Each step checks what is there, so that it may be done again.
struct RollbackEnding {
  let request: RollbackRequest
  let ledger: Ledger
  let session: Session
  let tell: (String) -> Void

  func end(_ id: Int, as status: RollbackRecord.Status, note: String? = nil) throws {
    let tables = try ledger.unfinishedRollback()?.tables.filter { $0.status != .pending } ?? []
    for table in tables where table.status == .emptied {
      // If a part stays, so do the sequences: the next run continues with them.
      try enter(table.isPart ? [] : returned(table), of: table, id)
    }
    try restore(tables.map(\.name))
    try ledger.atomically {
      try settleSession()
      try ledger.endRollback(id, as: status, note: note)
    }
    rewriteFiles()
  }

  private func returned(_ table: RolledBackTable) throws -> [ReturnedSequence] {
    try SequenceReturn(
      ledger: ledger, table: table.id,
      name: QualifiedName(schema: request.plan.target.schema, name: table.name),
      hasRowsOfOthers: table.others + table.kept > 0
    ).run()
  }

  private func enter(
    _ returned: [ReturnedSequence], of table: RolledBackTable, _ id: Int
  ) throws {
    let list = returned.map { sequence -> JSONValue in
      ["sequence": .text(sequence.name), "outcome": .text(sequence.outcome.rawValue)]
    }
    try ledger.atomically {
      try ledger.connection.query(
        """
        UPDATE \(ledger.names.rollbackTable) SET status = 'done', sequences = $3
        WHERE rollback = $1 AND table_id = $2
        """, [id, table.id, JSONValue.array(list).jsonb])
      guard !table.isPart else { return }
      try ledger.connection.query(
        "DELETE FROM \(ledger.names.sequenceBefore) WHERE table_id = $1", [table.id])
    }
  }

  /// Puts back what a run took off; what belongs to other tables alone may have to wait for their
  /// rows, and the run that loads them restores it.
  private func restore(_ names: [String]) throws {
    guard try !SuspendedObjects(ledger).pendingRestores().isEmpty else { return }
    tell("indexes and constraints")
    let own = names.map { QualifiedName(schema: request.plan.target.schema, name: $0) }
    let outcome = try Restoration(scope: .everything, maintenanceMemory: "256MB")
      .work(through: ledger)
    for failure in outcome.failures {
      let ends = [failure.object.table, failure.object.details.referenced].compactMap { $0 }
      if ends.contains(where: own.contains) { throw failure.told }
      tell(
        "\(failure.object.name) of \(failure.object.table) stays suspended until its table is migrated"
      )
    }
  }

  /// A session of which something is left continues with the next run; one of which nothing is left
  /// is given up, so that the next run may have another plan. One with a name is given up only if it was rolled back
  /// as a whole: a migration is in progress.
  private func settleSession() throws {
    let progress = try ledger.progress(session: session.id)
    let scope = try ledger.unfinishedRollback().flatMap { RollbackScope($0.scope) }
    let isKept = self.session.title != nil && scope?.isWholeSession != true
    let isEmpty =
      !isKept && progress.allSatisfy { $0.table.status == .pending && $0.chunks == 0 }
    let isNewest = try ledger.latestSession(named: session.name)?.id == session.id
    let session = ledger.names.session
    if isEmpty || !isNewest {
      try ledger.connection.query(
        """
        UPDATE \(session) SET status = 'abandoned', ended = coalesce(ended, clock_timestamp())
        WHERE id = $1
        """, [self.session.id])
    } else if self.session.status != .abandoned,
      progress.contains(where: { $0.table.status != .done })
    {
      try ledger.connection.query(
        "UPDATE \(session) SET status = 'open', ended = NULL WHERE id = $1", [self.session.id])
    }
  }

  /// Writes the copies of the ledger again; they decide nothing, so that a failure is only reported.
  private func rewriteFiles() {
    do {
      try request.rewriteFiles(of: try ledger.session(session.id) ?? session, from: ledger)
    } catch {
      tell("could not rewrite a file: \(error)")
    }
  }
}
