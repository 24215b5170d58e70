import MigrationCore
import Postgres

/// `migrate report incident`: all that helps to understand what went wrong, in one file to send.
enum ReportIncidentCommand {
  static let count = Option.integer(
    "lines", "N", in: 1...100_000, otherwise: 500,
    help: "How many lines of the log; 500 if not given.")

  static let page = CommandPage(
    words: ["report", "incident"], group: .report,
    summary:
      "Put all that helps to see what went wrong into one file to send.",
    discussion: [
      "What can't be looked at is named in the file, with the reason: it is made also while the target is "
        + "out of reach. Secrets are taken out. Source rows are left out; values stand only in messages of "
        + "servers, so read the file before it leaves the house."
    ],
    operands: [Operand(name: "SESSION", help: "Its number or name; the newest if not given.")],
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
      .array(try LogReader(folder: folder).last(invocation[count]) { _ in true }.map(\.json))
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
      console.result("the incident report: \(path)")
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
