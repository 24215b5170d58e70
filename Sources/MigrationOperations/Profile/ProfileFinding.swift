import MigrationBasics
import MigrationEngine
import MigrationPlan

/// Something that a profile found and an operator ought to know before the migration.
package struct ProfileFinding: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    /// Values that no rule reads and that the plan does not leave behind on purpose.
    case dropped
    /// A rule reads a path that nothing in the source has.
    case neverThere
    /// A rule that makes null of every row, though some have what it reads.
    case alwaysNull
    /// Rows that the plan's rules would quarantine.
    case refused
    /// Values that would be changed or nulled, each with a warning.
    case warned
    /// Ids of rows that the source does not have.
    case dangling
    /// What did not let itself be checked.
    case unseen
  }

  package let kind: Kind
  package let severity: PlanFault.Severity
  package let source: String
  package let path: String
  package let what: String
  package let count: Int
  package let examples: [String]
  package let place: PlanPlace?
  package let remedy: String

  /// Returns why one table could not be checked; nil for what keeps all from being checked.
  package static func failure(_ error: any Error) -> CheckFailure? {
    // Rules that don't fit the target's tables are those of one table.
    error is PlanFaults ? CheckFailure(error) : CheckFailure.refused(error)
  }

  /// Says that a source could not be checked, or a table's rules not be tried on it.
  static func unseen(
    _ source: String, _ what: String, _ failure: CheckFailure, place: PlanPlace?
  ) -> ProfileFinding {
    ProfileFinding(
      kind: .unseen, severity: .error, source: source, path: "",
      what: "could not check \(what): \(failure.what)", count: 1, examples: [], place: place,
      remedy: failure.remedy)
  }

  /// The finding in one line.
  package var description: String {
    let where_ = place.map { "\($0): " } ?? ""
    let severity = severity == .warning ? "warning: " : "error: "
    let examples = examples.isEmpty ? "" : " (for example \(examples.joined(separator: ", ")))"
    return "\(where_)\(severity)\(what)\(examples); \(remedy)"
  }

  package var json: JSONValue {
    [
      "kind": .text(kind.rawValue), "severity": .text(severity.rawValue), "source": .text(source),
      "path": .text(path), "what": .text(what), "count": .int(count),
      "examples": .array(examples.map(JSONValue.text)),
      "place": .optional(place.map { "\($0)" }), "remedy": .text(remedy),
    ]
  }
}
