import MigrationBasics
import MigrationLedger
import Postgres

/// Whether the audit log is whole: the file's chain, each chain in the ledger, and one against the other.
package struct AuditVerification: Sendable {
  package struct Finding: Sendable, Hashable {
    /// Where it is: the file, or the ledger's copy of a log.
    package let place: String
    package let line: Int
    package let what: String
  }

  package private(set) var findings: [Finding] = []
  /// How many lines the file has, and how many the ledger; nil if the ledger was not checked.
  package private(set) var linesInFile = 0
  package private(set) var linesInLedger: Int?
  private let path: String

  /// - Parameter ledger: nil if the target can't be reached; then only the file is checked.
  package init(_ log: AuditLog, ledger: Ledger?) throws {
    path = log.path
    let file = try log.lines()
    linesInFile = file.count
    if file.isEmpty, log.exists {
      findings.append(Finding(place: path, line: 1, what: "the file is empty"))
    }
    let own = check(file.map { ($0, nil) }, place: path)
    guard let ledger else { return }
    let copies = try ledger.auditLines()
    linesInLedger = copies.reduce(0) { $0 + $1.lines.count }
    for copy in copies {
      let place = "the ledger's copy of \(copy.log)"
      let lines = check(copy.lines, place: place)
      if own.first?.log == copy.log {
        compare(own, lines, place)
      } else if wasWritten(lines) {
        findings.append(
          Finding(
            place: path, line: 1,
            what:
              "the ledger has \(CountText.of(lines.count, "line")) of the log \(copy.log) from this file: the file "
              + (own.isEmpty ? "was deleted or emptied" : "was replaced by another log")))
      }
    }
  }

  /// Whether a log of the ledger was written to this file on this machine. The lines of old versions do
  /// not say to which file: they count if there is none.
  private func wasWritten(_ lines: [AuditLine]) -> Bool {
    let begun = lines.last { $0.json["event"] == "begun" }
    guard let begun, case .text(let who)? = begun.json["who"],
      who.hasSuffix("@" + OperatorName.host)
    else { return false }
    guard case .text(let file)? = begun.json["file"] else { return linesInFile == 0 }
    return file == path
  }

  /// Whether lines that are missing at the file's end could be reported: only the ledger has its length.
  package var knowsEnd: Bool { linesInLedger != nil }

  package var isWhole: Bool { findings.isEmpty }

  /// Follows a chain; what is behind a break is followed from there.
  private mutating func check(_ texts: [(text: String, number: Int?)], place: String) -> [AuditLine]
  {
    var lines: [AuditLine] = []
    for (index, entry) in texts.enumerated() {
      let (text, number) = entry
      guard let line = AuditLine(text), number ?? line.number == line.number else {
        findings.append(Finding(place: place, line: index + 1, what: "the line was changed"))
        continue
      }
      if !line.follows(lines.last) {
        let gap = line.number - (lines.last.map { $0.number + 1 } ?? 0)
        findings.append(
          Finding(
            place: place, line: index + 1,
            what: gap > 0
              ? "\(CountText.of(gap, "line")) before this line missing or unreadable"
              : "the line does not follow the previous line"))
      }
      lines.append(line)
    }
    return lines
  }

  /// The file may be ahead, for a command that could not reach the target; it must not be behind.
  private mutating func compare(_ own: [AuditLine], _ copy: [AuditLine], _ place: String) {
    let byNumber = Dictionary(own.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
    let missing = copy.filter { byNumber[$0.number] == nil }
    if let first = missing.first {
      findings.append(
        Finding(
          place: path, line: first.number + 1,
          what: "\(CountText.of(missing.count, "line")) in the ledger, but not in the file"))
    }
    for line in copy {
      guard let other = byNumber[line.number], other.digest != line.digest else { continue }
      findings.append(
        Finding(place: place, line: line.number + 1, what: "the line differs from the file's"))
    }
  }
}

/// What the server noted of a line when it came.
package struct AuditRecord: Sendable {
  package let json: JSONValue
  package let received: Moment?
  package let databaseUser: String?
  package let address: String?
}

extension Ledger {
  fileprivate func auditLines() throws -> [(log: String, lines: [(text: String, number: Int?)])] {
    let found = try connection.query(
      "SELECT log, line, number FROM \(names.audit) ORDER BY log, number")
    var copies: [(log: String, lines: [(text: String, number: Int?)])] = []
    for row in found.rows {
      if copies.last?.log != row.string(0) { copies.append((row.string(0), [])) }
      copies[copies.count - 1].lines.append((row.string(1), row.number(2)))
    }
    return copies
  }

  /// Returns the lines of all logs that the ledger has, in the order in which they were written.
  package func auditRecords() throws -> [AuditRecord] {
    let found = try connection.query(
      """
      SELECT line, \(Moment.sql("received")), database_user, host(address)
      FROM \(names.audit) ORDER BY line::jsonb->>'at', log, number
      """)
    return found.rows.compactMap { row in
      guard let line = AuditLine(row.string(0)) else { return nil }
      return AuditRecord(
        json: line.json, received: row.moment(1), databaseUser: row.text(2), address: row.text(3))
    }
  }
}

extension AuditLog {
  /// Returns the lines of the file.
  package func records() throws(MigrationError) -> [AuditRecord] {
    try lines().compactMap { AuditLine($0) }.map {
      AuditRecord(json: $0.json, received: nil, databaseUser: nil, address: nil)
    }
  }
}
