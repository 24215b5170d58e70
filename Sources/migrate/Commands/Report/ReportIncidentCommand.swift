import MigrationCore
import Postgres

/// `migrate report incident`: collects everything about a failure in one file.
enum ReportIncidentCommand {
  static let count = Option.integer(
    "lines", "N", in: 1...100_000, otherwise: 500,
    help: "The number of log lines (default: 500).")

  static let page = CommandPage(
    words: ["report", "incident"], group: .report,
    summary: "Collect everything about a failure in one file to send.",
    discussion: [
      "Works without the target; the file names each part that could not be collected, "
        + "with the reason. Contains no secrets and no source rows. Server messages in it may "
        + "contain values: read the file before you send it."
    ],
    operands: [
      Operand(name: "SESSION", help: "The number or name of the session (default: the newest).")
    ],
    options: [count.spec],
    examples: [("migrate report incident", "after an emergency stop")],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    var report = IncidentReport()
    report.add("tool") { tool() }
    report.add("settings") { .array(settings.entries.map(\.json)) }
    report.add("machine") { MachineResources(folder: invocation.program.folder).json }
    var opened: OpenLedger?
    report.add("target") {
      let ledger = try OpenLedger(invocation)
      opened = ledger
      return IncidentReport.server(ledger.ledger.connection)
    }
    if let opened { try addLedger(opened, invocation, &report) }
    let folder = RunLogging.folder(invocation, settings)
    report.add("log") {
      .array(try LogReader(folder: folder).last(invocation[count]) { _ in true }.lines.map(\.json))
    }
    report.add("audit") {
      .array(AuditedCommand.all(try AuditLog(folder: folder).records()).suffix(100).map(\.json))
    }
    let stamp = report.made.filter { $0.isNumber }.prefix(14)
    let document = console.withoutSecrets(report.document)
    let path = try ReportFile("incident-report-\(stamp).json", settings, invocation).write(
      document)
    if console.isJSON {
      console.result(["file": .text(path), "problems": .array(report.problems.map(JSONValue.text))])
    } else {
      for problem in report.problems { console.warn(problem) }
      console.result("incident report: \(path)")
    }
    return .done
  }

  private static func addLedger(
    _ opened: OpenLedger, _ invocation: Invocation, _ report: inout IncidentReport
  ) throws {
    let session = try opened.session(called: invocation.operands.first)
    let ledger = opened.ledger
    report.add("session") { SessionText.document(session) }
    report.add("sessionSettings") { session.settings }
    report.add("timeline") {
      .array(try SessionTimeline(session, ledger).events.map(SessionText.document))
    }
    report.add("tables") { .array(try ledger.balance(session: session.id).map(BooksText.json)) }
    report.add("errors") {
      .array(
        try ledger.quarantinePatterns(session: session.id).map { pattern in
          [
            "table": .text(pattern.table), "code": .text(pattern.code),
            "reason": .text(pattern.reason), "column": .optional(pattern.column),
            "rows": .int(pattern.count), "open": .int(pattern.openCount),
          ]
        })
    }
    report.add("lanes") { .array(try ledger.lanesInHand().map(LanesText.document)) }
    report.add("activity") { try IncidentReport.activity(ledger.connection) }
  }

  private static func tool() -> JSONValue {
    let libraries = LibraryVersions.current
    return [
      "version": .text(Version.number), "libpq": .optional(libraries.libpq),
      "libmongoc": .optional(libraries.libmongoc), "operator": .text(OperatorName.current),
    ]
  }
}
