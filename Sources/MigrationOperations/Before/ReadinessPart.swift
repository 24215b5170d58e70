import MigrationBasics
import MigrationEngine

/// What came of one part of the validation before a migration.
package struct ReadinessPart: Sendable {
  /// What a part is about, in the order in which they are checked.
  package enum Subject: String, Sendable, CaseIterable {
    case resources, schema, backup, rollback, quality

    package var title: String {
      switch self {
      case .quality: "Source data quality"
      case .schema: "Schema compatibility"
      case .backup: "Backup system"
      case .rollback: "Rollback procedures"
      case .resources: "Resources"
      }
    }

    /// The part's member of the report.
    package var member: String {
      switch self {
      case .quality: "sourceDataQuality"
      case .schema: "schemaCompatibility"
      case .backup: "backupReadiness"
      case .rollback: "rollbackReadiness"
      case .resources: "resources"
      }
    }
  }

  package let subject: Subject
  package var findings: [ValidationFinding] = []
  /// The share that is as it should be; nil for parts that are not counted.
  package var score: Double?
  /// What it did, and the numbers that it has, a line each.
  package var facts: [String] = []
  /// More members of the part's report.
  package var members: [(String, JSONValue)] = []
  /// Why the part keeps the migration from beginning; empty if it does not.
  package var objections: [String] = []
  package var duration: Duration = .zero

  init(_ subject: Subject) { self.subject = subject }

  package var isReady: Bool { objections.isEmpty }

  package var criticalErrors: Int { findings.count { $0.severity == .critical } }

  /// Objects if anything was found that is more than a warning.
  mutating func objectToErrors() {
    let errors = findings.filter { $0.severity != .warning }
    guard let first = errors.first else { return }
    objections.append(first.what + (errors.count > 1 ? " and \(errors.count - 1) more" : ""))
  }

  /// Takes note of what ended the part: a trial that went wrong, or that it could not look.
  package mutating func fail(_ error: any Error) {
    let failure = CheckFailure(error)
    let isOutcome = failure.code == .rollback || failure.code == .corruption
    let what = isOutcome ? failure.what : "could not check: \(failure.what)"
    objections.append(what)
    findings.append(
      ValidationFinding(.critical, failure.code, table: "", what, remedy: failure.remedy))
  }

  package var json: JSONValue {
    .object(
      JSONObject(
        [
          ("status", .text(isReady ? "PASS" : "FAIL")),
          ("objections", .array(objections.map(JSONValue.text))),
          ("score", SourceQuality.percent(score)), ("durationSeconds", .double(duration.inSeconds)),
          ("facts", .array(facts.map(JSONValue.text))),
        ] + members + [("findings", .array(findings.map(\.json)))]))
  }
}
