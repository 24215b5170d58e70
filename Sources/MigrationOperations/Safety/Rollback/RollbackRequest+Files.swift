import MigrationLedger

/// The files of a session in the folder of the run: copies of the ledger, which decide nothing.
extension RollbackRequest {
  /// Writes the checkpoint file and the log of errors again, by what the session has now.
  func rewriteFiles(of session: Session, from ledger: Ledger) throws {
    // Both files are the migration's as a whole.
    guard !session.isPart else { return }
    if let path = checkpointFile {
      try rewrite(CheckpointFile(path), session, ledger)
    }
    if let path = errorLogFile {
      try ErrorLog(path, session: session.id, from: ledger).rewrite(from: ledger)
    }
  }

  private func rewrite(
    _ file: CheckpointFile, _ session: Session, _ ledger: Ledger
  ) throws {
    let truth = try ledger.checkpoint(session, status: .paused)
    if let found = try file.read(), found.ledger != truth.ledger || found.session != session.id {
      return
    }
    if session.status == .open { try file.write(truth) } else { try file.remove() }
  }
}
