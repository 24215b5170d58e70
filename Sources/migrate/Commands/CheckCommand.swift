import MigrationCore

/// `migrate check`: checks everything that a migration needs.
enum CheckCommand {
  static let page = CommandPage(
    words: ["check"], group: .check,
    summary: "Check settings, tools, disk space, permissions and clocks before a migration.",
    discussion: [
      "Each check passes, warns or fails, with a hint. Changes nothing.",
      "Checks the settings, and that the plan does not write into tables that it reads. "
        + "Checks the rules of its target tables, which can prevent a rollback. "
        + "Checks each database: reachable, version, encryption, round trip below 50 ms, "
        + "clock, encoding, permissions, writable.",
      "Checks that pg_dump, pg_restore and psql are not older than the server, and that "
        + "initdb exists, which backup verify requires. Checks the folders for reports, logs "
        + "and backups. Compares the free disk space with twice and three times the size of "
        + "the source.",
      "Exits with 0 if no check fails, and with 3 otherwise.",
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

/// The checks as text, one line each, grouped by subject.
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
        + "\(passes) passed, \(CountText.of(warnings, "warning")), \(failures) failed")
  }

  private func print(_ check: Check) {
    console.result("  \(console.output.mark(check.verdict)) \(check.name): \(check.finding)")
    if let remedy = check.remedy { console.result("      hint: \(remedy)") }
  }
}

extension Stream {
  /// The mark before a line: emoji on a UTF-8 terminal, words elsewhere.
  func mark(_ verdict: Check.Verdict) -> String {
    switch verdict {
    case .pass: isUnicode ? "✅" : painted("[ok]", .green)
    case .warning: isUnicode ? "⚠️ " : painted("[warning]", .yellow)
    case .failure: isUnicode ? "❌" : painted("[failed]", .red)
    }
  }
}
