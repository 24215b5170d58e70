import MigrationCore

/// `migrate audit verify`: whether the record of who did what is whole.
enum AuditVerifyCommand {
  static let page = CommandPage(
    words: ["audit", "verify"], group: .report,
    summary: "Check that no line of the audit log was changed, taken out or put in.",
    discussion: [
      "Each line of migration-audit.log names the digest of the line before, and the ledger in the target "
        + "has a copy of every line. The file is followed from its first line to its last, so is each "
        + "copy, and one is held against the other. Who can write both can forge both: keep the ledger's "
        + "role and the log's folder apart where that matters."
    ],
    examples: [("migrate audit verify", "exit code 4 where it is not whole")],
    exitCodes: [.done, .failed, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let log = AuditLog(folder: RunLogging.folder(invocation, settings))
    let ledger = try AuditedLedger.open(settings, console)
    let found = try AuditVerification(log, ledger: ledger)
    guard found.linesInFile > 0 || (found.linesInLedger ?? 0) > 0 else {
      throw MigrationError(
        .failed, "there is no audit log", place: log.path,
        remedy: "commands that change something write it, in the folder that they are started in; "
          + "MIGRATION_LOG_DIR names another")
    }
    tell(found, log, console)
    return found.isWhole ? .done : .validation
  }

  private static func tell(_ found: AuditVerification, _ log: AuditLog, _ console: Console) {
    if console.isJSON {
      console.result([
        "whole": .bool(found.isWhole), "endIsKnown": .bool(found.knowsEnd), "file": .text(log.path),
        "linesInFile": .int(found.linesInFile),
        "linesInLedger": found.linesInLedger.map(JSONValue.int) ?? .null,
        "findings": .array(
          found.findings.map {
            ["place": .text($0.place), "line": .int($0.line), "what": .text($0.what)]
          }),
      ])
      return
    }
    for finding in found.findings {
      console.result("\(finding.place), line \(finding.line): \(finding.what)")
    }
    let ledger = found.linesInLedger.map { "\($0) in the ledger" } ?? "the ledger was not looked at"
    console.result(
      verdict(found)
        + ": \(found.linesInFile) lines in the file, \(ledger)")
  }
}

extension AuditVerifyCommand {
  private static func verdict(_ found: AuditVerification) -> String {
    guard found.isWhole else { return "THE AUDIT LOG IS NOT WHOLE" }
    return found.knowsEnd
      ? "the audit log is whole"
      : "no line was changed; whether lines at the end are missing can't be known without the ledger"
  }
}

/// The ledger for commands that can do without the target, which is reported.
enum AuditedLedger {
  /// - Throws: what is wrong with a target that is set and can't be reached is reported, not thrown.
  static func open(_ settings: Settings, _ console: Console) throws -> Ledger? {
    guard settings.value(.target) != nil else {
      console.warn("DATABASE_URL is not set: only the file is looked at")
      return nil
    }
    do {
      let ledger = try Ledger(Databases(settings).target(), schema: settings.value(.ledgerSchema))
      if case .current = try ledger.condition() { return ledger }
      console.warn("the target has no ledger of this version: only the file is looked at")
    } catch {
      console.warn("only the file is looked at: \(FailureReport(error).what)")
    }
    return nil
  }
}
