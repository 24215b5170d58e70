import MigrationCore

extension Program {
  /// Runs a command that changes data, with a line in the audit log before and after.
  ///
  /// Fails before the command runs if the audit log is on and cannot be written.
  func runAudited(_ invocation: Invocation, _ line: ResolvedLine) throws -> ExitCode {
    guard let settings = try? invocation.settings(), settings.value(.isAuditing) else {
      return try line.page.run(invocation)
    }
    let trail = AuditTrail(
      folder: RunLogging.folder(invocation, settings), redactor: settings.redactor)
    let number = try begin(trail, invocation, line, settings)
    let begun = ContinuousClock.now
    do {
      let code = try line.page.run(invocation)
      end(trail, of: number, code, begun, settings, invocation.console)
      return code
    } catch {
      end(trail, of: number, FailureReport(error).exitCode, begun, settings, invocation.console)
      throw error
    }
  }

  private func begin(
    _ trail: AuditTrail, _ invocation: Invocation, _ line: ResolvedLine, _ settings: Settings
  ) throws -> Int {
    do throws(MigrationError) {
      return try trail.begin(
        ["migrate"] + line.page.words + line.arguments,
        target: settings.value(.target)?.redacted, plan: settings.value(.plan))
    } catch {
      throw MigrationError(
        .configuration, "nothing was changed: could not write the audit log: \(error.what)",
        place: error.place,
        remedy: error.remedy.map { $0 + "; or disable it: MIGRATION_AUDIT_LOGGING=false" })
    }
  }

  /// Records the end; a failure to do so is a warning and does not change the exit code.
  private func end(
    _ trail: AuditTrail, of number: Int, _ code: ExitCode, _ begun: ContinuousClock.Instant,
    _ settings: Settings, _ console: Console
  ) {
    // Does not connect again if the target was just unreachable.
    let ledger = code == .configuration || code == .usage ? nil : Self.ledger(settings)
    do {
      try trail.end(
        of: number, exitCode: Int(code.rawValue), seconds: (.now - begun) / .seconds(1), ledger)
    } catch {
      console.warn("the audit log is incomplete: \(error)")
    }
  }

  static func ledger(_ settings: Settings) -> Ledger? {
    guard let target = try? Databases(settings).target() else { return nil }
    return try? Ledger(target, schema: settings.value(.ledgerSchema))
  }
}
