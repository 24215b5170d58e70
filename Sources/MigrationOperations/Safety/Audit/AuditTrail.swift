import Glibc
import MigrationBasics
import MigrationLedger
import Postgres

/// Notes each command that changes something: who, what, when, on what, and how it ended.
///
/// The file is written first, before the command does anything. The ledger gets what it does not have
/// yet whenever a command ends that could reach the target.
package struct AuditTrail: Sendable {
  package let log: AuditLog
  private let redactor: Redactor

  package init(folder: String, redactor: Redactor) {
    (log, self.redactor) = (AuditLog(folder: folder), redactor)
  }

  /// Notes that a command begins; returns the number of the line.
  ///
  /// - Parameter cause: why, if a trigger caused the command.
  package func begin(
    _ command: [String], target: String?, plan: String?, because cause: String? = nil
  ) throws(MigrationError) -> Int {
    let text = redactor.scrub(command.map(Self.quoted).joined(separator: " "))
    return try log.append(
      [
        ("event", "begun"), ("at", .text(Moment.now().description)),
        ("who", .text(OperatorName.current)), ("file", .text(log.path)),
        ("process", .int(Int(getpid()))),
        ("version", .text(Version.number)), ("command", .text(text)),
        ("target", .optional(target.map(redactor.scrub))), ("plan", .optional(plan)),
      ] + (cause.map { [("because", .text(redactor.scrub($0)))] } ?? [])
    ).number
  }

  /// Notes how a command ended.
  ///
  /// - Parameter ledger: the target's, if it can be reached.
  package func end(of number: Int, exitCode: Int, seconds: Double, _ ledger: Ledger?) throws {
    let ledger = try ledger.flatMap { try $0.condition() == .current ? $0 : nil }
    let session = try ledger?.newestSession()
    try log.append([
      ("event", "ended"), ("at", .text(Moment.now().description)), ("of", .int(number)),
      ("exitCode", .int(exitCode)), ("seconds", .double((seconds * 1000).rounded() / 1000)),
      ("session", session.map { .id($0.id) } ?? .null),
      ("databaseUser", .optional(try ledger?.sessionUser())),
    ])
    try ledger?.copyAudit(log)
  }

  /// A word as a shell would want it.
  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { $0.isLetter || $0.isDigit || "-_./:=,@%+".utf8.contains($0) }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}

extension Ledger {
  func sessionUser() throws(PostgresError) -> String? {
    try connection.query("SELECT session_user::text").rows.first?.text(0)
  }

  /// Copies the lines of an audit log that the ledger does not have.
  func copyAudit(_ log: AuditLog) throws {
    let lines = try log.lines().compactMap { AuditLine($0) }
    guard let name = lines.last?.log else { return }
    let last = try connection.query(
      "SELECT max(number) FROM \(names.audit) WHERE log = $1", [name]
    ).int(0, 0)
    let missing = lines.filter { $0.number > last ?? -1 }.map { line -> JSONValue in
      ["log": .text(line.log), "number": .int(line.number), "line": .text(line.text)]
    }
    try connection.query(
      """
      INSERT INTO \(names.audit) (log, number, line)
      SELECT log, number, line FROM jsonb_to_recordset($1) AS l (log text, number bigint, line text)
      ON CONFLICT DO NOTHING
      """, [JSONValue.array(missing).jsonb])
  }
}
