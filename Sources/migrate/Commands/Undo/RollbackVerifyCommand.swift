import MigrationCore

/// `migrate rollback verify`: verifies the last rollback.
enum RollbackVerifyCommand {
  static let page = CommandPage(
    words: ["rollback", "verify"], group: .undo,
    summary: "Verify the last rollback: its rows are deleted, everything else is intact.",
    discussion: [
      "Checks the tables of the newest rollback in one snapshot. No row has a transaction "
        + "of the migration. Earlier rows have the count and hash that the rollback left. "
        + "Indexes and constraints exist and are valid. No sequence would reissue an existing "
        + "value. Changes nothing. Exits with 4 if a check fails.",
      "After a full rollback, until its commit, compares the count and hash of every table "
        + "with the backup, except the ledger's own. Compares the settings of the database "
        + "with those of the previous database.",
    ],
    examples: [("migrate rollback verify", "after a rollback")],
    exitCodes: [.done, .failed, .usage, .configuration, .validation], run: run)

  static func run(_ invocation: Invocation) throws -> ExitCode {
    if let code = try verifyFull(invocation) { return code }
    let opened = try OpenLedger(invocation)
    let session = try opened.ledger.session(opened.ledger.requireRollback().session)
    let location = try invocation.planLocation(
      opened.settings, otherwise: session?.plan ?? opened.session.plan)
    let plan = try opened.settings.plan(at: location.planFile)
    let outcome = try RollbackVerification.run(opened.ledger, schema: plan.target.schema)
    if opened.console.isJSON {
      opened.console.result([
        "verified": .bool(outcome.isSound), "rollback": outcome.record.json,
        "findings": .array(outcome.findings.map(StatusCheck.document)),
      ])
    } else {
      for finding in outcome.findings { StatusCheck.tell(finding, opened.console) }
      opened.console.result(
        outcome.isSound ? "the rollback is verified" : "the rollback is NOT verified")
    }
    return outcome.isSound ? .done : .validation
  }

  /// Returns nil if no full rollback is unfinished.
  private static func verifyFull(_ invocation: Invocation) throws -> ExitCode? {
    let setup = try FullRollbackSetup(invocation)
    guard let full = try setup.begun(), try !setup.hasLaterRollback(than: full),
      let outcome = try FullRollbackVerification(setup.rollback()).run()
    else { return nil }
    if setup.console.isJSON {
      setup.console.result(FullRollbackText.document(outcome))
    } else {
      FullRollbackText.tell(outcome, setup.console)
      setup.console.result(outcome.state.next)
    }
    return outcome.isSound ? .done : .validation
  }
}

/// `migrate report rollback`: reports the last rollback.
enum ReportRollbackCommand {
  static let page = CommandPage(
    words: ["report", "rollback"], group: .report,
    summary: "Report the last rollback: tables, rows, kept keys, sequences.",
    examples: [("migrate report rollback --json", "with up to 1,000 keys")],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let setup = try FullRollbackSetup(invocation)
    // A restored target may have no ledger; then only the file has the record.
    if let full = try setup.begun() ?? setup.file.read(), try !setup.hasLaterRollback(than: full) {
      return tell(full, setup.console)
    }
    let opened = try OpenLedger(invocation)
    let record = try opened.ledger.requireRollback()
    if opened.console.isJSON {
      opened.console.result(record.json)
    } else {
      for line in RollbackText.lines(record) { opened.console.result(line) }
    }
    return .done
  }

  private static func tell(_ state: FullRollbackState, _ console: Console) -> ExitCode {
    if console.isJSON {
      console.result(state.json)
    } else {
      for line in FullRollbackText.lines(state) { console.result(line) }
      console.result("begun \(state.begun) by \(state.begunBy)")
    }
    return .done
  }
}
