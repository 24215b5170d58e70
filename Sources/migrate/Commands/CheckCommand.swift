import MigrationCore

/// `migrate check`: is everything ready for a migration?
enum CheckCommand {
  static let page = CommandPage(
    words: ["check"], group: .check,
    summary:
      "Look at everything that a migration needs: settings, tools, disk, permissions, clocks.",
    discussion: [
      "Each check is a pass, a warning or a failure, with what to do about it. Nothing is changed "
        + "anywhere. Looked at are: the settings; whether the plan would write into tables that it reads; each "
        + "database (reachable, version, encryption, round "
        + "trip below 50 ms, clock, encoding, permissions, and whether it takes writes); pg_dump, "
        + "pg_restore and psql, which must not be older than the server, and initdb, without which no "
        + "backup can be verified; the folders for reports, logs and backups; the free disk space against twice and three times the size of the source.",
      "The exit code is 0 when nothing fails, warnings or not, and 3 otherwise.",
    ],
    examples: [
      ("migrate check", "before every migration"),
      ("migrate check --env staging --json", "for a CI job"),
    ],
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    console.note("checking; this takes a few seconds")
    let checks = ReadinessCheck(
      settings: settings, databases: try invocation.databases(settings),
      plan: try invocation.planIfAny(settings),
      environment: invocation.environment, folder: invocation.program.folder
    ).run()
    let failures = checks.count { $0.verdict == .failure }
    let warnings = checks.count { $0.verdict == .warning }
    if console.isJSON {
      console.result([
        "ready": .bool(failures == 0), "failures": .int(failures), "warnings": .int(warnings),
        "checks": .array(checks.map(JSONValue.init)),
      ])
    } else {
      CheckReport(checks: checks, console: console).print()
    }
    return failures == 0 ? .done : .configuration
  }
}

/// The checks as people read them, a line each, grouped by what they are about.
private struct CheckReport {
  let checks: [Check]
  let console: Console

  func print() {
    for subject in Check.Subject.allCases {
      let members = checks.filter { $0.subject == subject }
      guard !members.isEmpty else { continue }
      console.result(console.output.painted(subject.rawValue, .bold))
      for check in members { print(check) }
    }
    let failures = checks.count { $0.verdict == .failure }
    let warnings = checks.count { $0.verdict == .warning }
    let passes = checks.count - failures - warnings
    console.result("")
    console.result(
      (failures == 0 ? "Ready: " : "Not ready: ")
        + "\(passes) passed, \(warnings) warnings, \(failures) failed")
  }

  private func print(_ check: Check) {
    console.result("  \(console.output.mark(check.verdict)) \(check.name): \(check.finding)")
    if let remedy = check.remedy { console.result("      to do: \(remedy)") }
  }
}

extension Stream {
  /// The sign before a line: emoji on a UTF-8 terminal, words elsewhere.
  func mark(_ verdict: Check.Verdict) -> String {
    switch verdict {
    case .pass: isUnicode ? "✅" : painted("[ok]", .green)
    case .warning: isUnicode ? "⚠️ " : painted("[warning]", .yellow)
    case .failure: isUnicode ? "❌" : painted("[failed]", .red)
    }
  }
}
