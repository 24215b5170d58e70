import MigrationLedger

/// A target that a full rollback has restored, with the previous database kept under another name.
extension RunOpening {
  /// Begins there if whoever asked for the run accepts it; they are asked before the first run only.
  func begin(after mark: FullRollbackMark) throws {
    guard !request.dryRun else { return }
    guard let accept = request.acceptsRestored else {
      throw mark.refusal(place: ledger.connection.facts.database)
    }
    if case .current = try ledger.condition(), try ledger.hasRun(since: mark.state.begun) {
      return tools.warn(mark.state.kept)
    }
    try accept(mark.state)
    tools.started = .now
  }
}
