import MigrationCore

/// `migrate audit verify`: verifies the audit log.
enum AuditVerifyCommand {
  static let page = CommandPage(
    words: ["audit", "verify"], group: .report,
    summary: "Verify that no line of the audit log was changed, removed or inserted.",
    discussion: [
      "Each line of migration-audit.log contains the digest of the previous line. The "
        + "ledger in the target has a copy of every line. Verifies both chains and compares "
        + "them.",
      "Whoever can write both can forge both: if that matters, separate the ledger's role "
        + "from the owner of the log folder. Exits with 4 if the log is not intact.",
    ],
    examples: [("migrate audit verify", "exits with 4 if the log is not intact")],
    exitCodes: [.done, .failed, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let log = AuditLog(folder: RunLogging.folder(invocation, settings))
    let ledger = try AuditedLedger.open(settings, console)
    let found = try AuditVerification(log, ledger: ledger)
    guard found.linesInFile > 0 || (found.linesInLedger ?? 0) > 0 else {
      throw MigrationError(
        .failed, "no audit log", place: log.path,
        remedy: "run this in the folder of the migration, or set MIGRATION_LOG_DIR")
    }
    show(found, log, console)
    return found.isWhole ? .done : .validation
  }

  private static func show(_ found: AuditVerification, _ log: AuditLog, _ console: Console) {
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
    let ledger =
      found.linesInLedger.map { "\(GroupedNumber.text($0)) in the ledger" }
      ?? "the ledger was not read"
    console.result(
      verdict(found)
        + ": \(CountText.of(found.linesInFile, "line")) in the file, \(ledger)")
  }
}

extension AuditVerifyCommand {
  private static func verdict(_ found: AuditVerification) -> String {
    guard found.isWhole else { return "THE AUDIT LOG IS NOT INTACT" }
    return found.knowsEnd
      ? "the audit log is intact"
      : "no line was changed; lines at the end may be missing, which only the ledger shows"
  }
}

/// The ledger for commands that also work without the target.
enum AuditedLedger {
  /// Returns nil and warns if the target is not set or unreachable.
  static func open(_ settings: Settings, _ console: Console) throws -> Ledger? {
    guard settings.value(.target) != nil else {
      console.warn("DATABASE_URL is not set; only the file is verified")
      return nil
    }
    do {
      let ledger = try Ledger(Databases(settings).target(), schema: settings.value(.ledgerSchema))
      if case .current = try ledger.condition() { return ledger }
      console.warn("the target has no ledger of this version; only the file is verified")
    } catch {
      console.warn("only the file is verified: \(FailureReport(error).what)")
    }
    return nil
  }
}
