/// One thing that was looked at before a migration, and what was found.
public struct Check: Sendable, Hashable {
  public enum Verdict: String, Sendable, CaseIterable { case pass, warning, failure }

  /// What the check is about, as an operator would look for it.
  public enum Subject: String, Sendable, CaseIterable {
    case settings, source, target, backup, tools, files, disk
  }

  public let subject: Subject
  public let name: String
  public let verdict: Verdict
  /// What was found.
  public let finding: String
  /// What to do about it; nil where nothing needs doing.
  public let remedy: String?

  public static func pass(_ subject: Subject, _ name: String, _ finding: String) -> Check {
    Check(subject: subject, name: name, verdict: .pass, finding: finding, remedy: nil)
  }

  public static func warning(
    _ subject: Subject, _ name: String, _ finding: String, remedy: String
  ) -> Check {
    Check(subject: subject, name: name, verdict: .warning, finding: finding, remedy: remedy)
  }

  public static func failure(
    _ subject: Subject, _ name: String, _ finding: String, remedy: String
  ) -> Check {
    Check(subject: subject, name: name, verdict: .failure, finding: finding, remedy: remedy)
  }
}

extension JSONValue {
  /// A check as one entry of a `--json` document.
  public init(_ check: Check) {
    self = [
      "subject": .text(check.subject.rawValue),
      "name": .text(check.name),
      "verdict": .text(check.verdict.rawValue),
      "finding": .text(check.finding),
      "toDo": .optional(check.remedy),
    ]
  }
}
