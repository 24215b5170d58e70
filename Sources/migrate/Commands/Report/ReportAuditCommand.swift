import MigrationCore

/// `migrate report audit`: reports who did what, when, and the result.
enum ReportAuditCommand {
  static let fileName = "migration-audit-report.json"

  static let page = CommandPage(
    words: ["report", "audit"], group: .report,
    summary: "Report who did what, when, on which target, and the result.",
    discussion: [
      "Lists the commands that changed something, from all machines that worked on this "
        + "target; only from this machine if the target is unreachable. A command without an "
        + "end was killed or is still running.",
      "Also writes the report to \(fileName). Run migrate audit verify to verify the log.",
    ],
    examples: [("migrate report audit", "for the records of the project")],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let log = AuditLog(folder: RunLogging.folder(invocation, settings))
    let ledger = try AuditedLedger.open(settings, console)
    let commands = AuditedCommand.all(try ledger.map { try $0.auditRecords() } ?? log.records())
    let whole = try AuditVerification(log, ledger: ledger).isWhole
    let document: JSONValue = [
      "whole": .bool(whole), "commands": .array(commands.map(\.json)),
    ]
    let file = try ReportFile(fileName, settings, invocation).write(document)
    if console.isJSON {
      console.result(document)
    } else {
      for command in commands { console.result(command.line) }
      console.result("\(CountText.of(commands.count, "command")); report: \(file)")
      if !whole { console.warn("the audit log is not intact; see migrate audit verify") }
    }
    return .done
  }
}

/// A command from its two lines in the audit log.
struct AuditedCommand {
  let begun: AuditRecord
  let ended: JSONValue?

  static func all(_ records: [AuditRecord]) -> [AuditedCommand] {
    var ends: [String: JSONValue] = [:]
    for record in records where record.json["event"] == "ended" {
      ends[key(record.json, "of")] = record.json
    }
    return records.filter { $0.json["event"] == "begun" }
      .map { AuditedCommand(begun: $0, ended: ends[key($0.json, "number")]) }
  }

  private static func key(_ json: JSONValue, _ member: String) -> String {
    "\(text(json["log"])) \(json[member]?.compact ?? "")"
  }

  private static func text(_ value: JSONValue?) -> String {
    if case .text(let text)? = value { text } else { "" }
  }

  var line: String {
    let json = begun.json
    let at = Self.text(json["at"]).prefix(19).replacing("T", with: " ")
    let end = ended.map { "exit code \($0["exitCode"]?.compact ?? "?")" } ?? "no end recorded"
    return "\(at)  \(Self.text(json["who"]))  \(Self.text(json["command"]))  \(end)"
  }

  var json: JSONValue {
    let from = begun.json
    return [
      "at": from["at"] ?? .null, "who": from["who"] ?? .null,
      "databaseUser": .optional(begun.databaseUser), "address": .optional(begun.address),
      "process": from["process"] ?? .null, "version": from["version"] ?? .null,
      "command": from["command"] ?? .null, "target": from["target"] ?? .null,
      "plan": from["plan"] ?? .null, "session": ended?["session"] ?? .null,
      "ended": ended?["at"] ?? .null, "seconds": ended?["seconds"] ?? .null,
      "exitCode": ended?["exitCode"] ?? .null,
    ]
  }
}
