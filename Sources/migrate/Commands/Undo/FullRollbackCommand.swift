import MigrationCore

/// `migrate rollback --full`: takes the whole target back to its last verified backup.
enum FullRollbackCommand {
  /// Whether a command line of `rollback` is about a full one: it says so, or goes on with one.
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
    let console = setup.console
    if invocation[SharedOptions.dryRun] {
      let preview = try rollback.preview()
      if console.isJSON {
        console.result(preview.json)
      } else {
        for line in FullRollbackText.lines(preview) { console.result(line) }
      }
      return preview.obstacles.isEmpty ? .done : .failed
    }
    let outcome = try rollback.run { preview in
      guard !invocation[SharedOptions.yes] else { return }
      for line in FullRollbackText.lines(preview) { console.note(line) }
      try invocation.confirm(
        "This takes \(preview.target) back to \(preview.made); what was written since goes with it.",
        word: preview.target, yes: false)
    }
    guard invocation[RollbackCommand.verify], outcome.state.isWaiting,
      let verified = try FullRollbackVerification(rollback).run()
    else {
      tell(outcome, nil, console)
      return .done
    }
    tell(outcome, verified, console)
    return verified.isSound ? .done : .validation
  }

  private static func tell(
    _ outcome: FullRollback.Outcome, _ verified: FullRollbackVerification.Outcome?,
    _ console: Console
  ) {
    guard !console.isJSON else {
      var document = JSONObject([("rollback", (verified?.state ?? outcome.state).json)])
      document["restored"] = outcome.restored?.json
      if let verified { document["verification"] = FullRollbackText.document(verified) }
      return console.result(.object(document))
    }
    if let restored = outcome.restored { BackupText.restored(restored, console) }
    if let verified { FullRollbackText.tell(verified, console) }
    for line in FullRollbackText.lines(verified?.state ?? outcome.state) { console.result(line) }
  }
}
