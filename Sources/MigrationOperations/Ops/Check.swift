import MigrationBasics

/// One thing that was checked before a migration, and what was found.
package struct Check: Sendable, Hashable {
  package enum Verdict: String, Sendable, CaseIterable { case pass, warning, failure }

  /// What the check is about, as an operator would look for it.
  package enum Subject: String, Sendable, CaseIterable {
    case settings, source, target, backup, tools, files, disk
  }

  package let subject: Subject
  package let name: String
  package let verdict: Verdict
  /// What was found.
  package let finding: String
  /// What to do about it; nil if nothing needs doing.
  package let remedy: String?

  package static func pass(_ subject: Subject, _ name: String, _ finding: String) -> Check {
    Check(subject: subject, name: name, verdict: .pass, finding: finding, remedy: nil)
  }

  package static func warning(
    _ subject: Subject, _ name: String, _ finding: String, remedy: String
  ) -> Check {
    Check(subject: subject, name: name, verdict: .warning, finding: finding, remedy: remedy)
  }

  package static func failure(
    _ subject: Subject, _ name: String, _ finding: String, remedy: String
  ) -> Check {
    Check(subject: subject, name: name, verdict: .failure, finding: finding, remedy: remedy)
  }
}

extension JSONValue {
  /// A check as one entry of a `--json` document.
  package init(_ check: Check) {
    self = [
      "subject": .text(check.subject.rawValue),
      "name": .text(check.name),
      "verdict": .text(check.verdict.rawValue),
      "finding": .text(check.finding),
      "toDo": .optional(check.remedy),
    ]
  }
}
