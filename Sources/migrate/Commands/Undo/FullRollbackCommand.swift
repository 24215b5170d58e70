import MigrationCore

/// `migrate rollback --full`: takes the whole target back to its last verified backup.
enum FullRollbackCommand {
  /// Whether a command line of `rollback` is about a full one: it says so, or continues with one.
  static func isMeant(_ invocation: Invocation) throws -> Bool {
    let isFull = invocation[RollbackCommand.full]
    if isFull { try refuseOtherScopes(invocation) }
    if isFull || !invocation[RollbackCommand.resume] {
      try refuseStrayOptions(invocation, isFull: isFull)
      return isFull
    }
    return try FullRollbackSetup(invocation).begun() != nil
  }

  private static func refuseOtherScopes(_ invocation: Invocation) throws {
    let others: [(Bool, String)] = [
      (!invocation[RollbackCommand.table].isEmpty, "--table"),
      (!invocation[RollbackCommand.tables].isEmpty, "--tables"),
      (invocation[RollbackCommand.lastStep], "--last-step"),
      (invocation[RollbackCommand.checkpoint] != nil, "--checkpoint"),
      (invocation[RollbackCommand.session] != nil, "--session"),
      (invocation[RollbackCommand.force], "--force"),
      (invocation[RollbackCommand.corrupted], "--corrupted"),
    ]
    guard let other = others.first(where: \.0)?.1 else { return }
    throw UsageError.badValue(
      other, of: "--full", expected: "nothing else to roll back: a backup holds the whole target")
  }

  private static func refuseStrayOptions(_ invocation: Invocation, isFull: Bool) throws {
    let stray =
      invocation[RollbackCommand.backup] != nil || invocation[RollbackCommand.disconnect]
      || invocation[RollbackCommand.verify]
    guard stray, !isFull else { return }
    throw UsageError.badValue(
      "", of: "rollback", expected: "--full with --backup, --disconnect and --verify")
  }

  static func run(_ invocation: Invocation) throws -> ExitCode {
    let setup = try FullRollbackSetup(invocation)
    let rollback = try setup.rollback()
    if invocation[SharedOptions.dryRun] { return try look(rollback, setup.console) }
    let notices = Notices(invocation, setup.settings, setup.console, plan: nil)
    defer { notices.finish() }
    let outcome = try notified(notices) { try rollback.run { try confirm($0, invocation) } }
    let verified =
      invocation[RollbackCommand.verify] && outcome.state.isWaiting
      ? try FullRollbackVerification(rollback).run() : nil
    let report = write(outcome, verified, setup.settings, invocation)
    tell(outcome, verified, setup.console)
    if let report, !setup.console.isJSON { setup.console.result("Rollback report: \(report)") }
    return verified?.isSound ?? true ? .done : .validation
  }

  private static func look(_ rollback: FullRollback, _ console: Console) throws -> ExitCode {
    let preview = try rollback.preview()
    if console.isJSON {
      console.result(preview.json)
    } else {
      for line in FullRollbackText.lines(preview) { console.result(line) }
    }
    return preview.obstacles.isEmpty ? .done : .failed
  }

  private static func confirm(_ preview: FullRollbackPreview, _ invocation: Invocation) throws {
    guard !invocation[SharedOptions.yes] else { return }
    for line in FullRollbackText.lines(preview) { invocation.console.note(line) }
    try invocation.confirm(
      "This restores \(preview.target) as of \(preview.made) and discards everything written since.",
      word: preview.target, yes: false)
  }

  /// Sends notifications about its outcome, but not about a refusal to begin.
  private static func notified(
    _ notices: Notices, _ body: () throws -> FullRollback.Outcome
  ) throws -> FullRollback.Outcome {
    do {
      let outcome = try body()
      let state = outcome.state
      notices.post(
        .rollback,
        "the full rollback of \(state.target) to \(state.backup): \(state.stage.rawValue)",
        [("rollback", state.json)])
      return outcome
    } catch {
      if let failure = error as? MigrationError, case .coded = failure.kind {
        notices.post(.rollback, failure: error, of: "the full rollback")
      }
      throw error
    }
  }

  private static func document(
    _ outcome: FullRollback.Outcome, _ verified: FullRollbackVerification.Outcome?
  ) -> JSONValue {
    var document = JSONObject([("rollback", (verified?.state ?? outcome.state).json)])
    document["restored"] = outcome.restored?.json
    if let verified { document["verification"] = FullRollbackText.document(verified) }
    return .object(document)
  }

  /// Writes the report of what was done; that it could not be written undoes nothing.
  private static func write(
    _ outcome: FullRollback.Outcome, _ verified: FullRollbackVerification.Outcome?,
    _ settings: Settings, _ invocation: Invocation
  ) -> String? {
    do {
      return try ReportFile("migration-rollback-report.json", settings, invocation)
        .write(document(outcome, verified))
    } catch {
      invocation.console.warn("\(FailureReport(error).what)")
      return nil
    }
  }

  private static func tell(
    _ outcome: FullRollback.Outcome, _ verified: FullRollbackVerification.Outcome?,
    _ console: Console
  ) {
    guard !console.isJSON else { return console.result(document(outcome, verified)) }
    if let restored = outcome.restored { BackupText.restored(restored, console) }
    if let verified { FullRollbackText.tell(verified, console) }
    for line in FullRollbackText.lines(verified?.state ?? outcome.state) { console.result(line) }
  }
}
