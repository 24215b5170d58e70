import MigrationBasics

/// One thing that is wrong with a plan: where, what, and what to do about it.
package struct PlanFault: Sendable, Hashable, CustomStringConvertible {
  package enum Severity: String, Sendable, CaseIterable, Comparable {
    /// The migration can continue; something about it deserves a look.
    case warning
    /// The migration can't run with this plan.
    case error

    package static func < (left: Severity, right: Severity) -> Bool {
      left == .warning && right == .error
    }
  }
  package let severity: Severity
  /// Where it is; line 0 means the file as a whole.
  package let place: PlanPlace
  package let what: String
  package let remedy: String
  /// The line of the file with a caret below it, if the file's grammar is broken.
  package let excerpt: String?
  /// Whether every run reports a warning, and not only the plan's check.
  package var isOfRuns = false

  package init(
    _ severity: Severity = .error, at place: PlanPlace, _ what: String, remedy: String,
    excerpt: String? = nil
  ) {
    (self.severity, self.place, self.what) = (severity, place, what)
    (self.remedy, self.excerpt) = (remedy, excerpt)
  }

  /// The fault on one line, without the excerpt: `file:line:column: what; remedy`.
  package var description: String {
    let kind = severity == .warning ? "warning: " : ""
    return "\(place): \(kind)\(what)" + (remedy.isEmpty ? "" : "; \(remedy)")
  }

  /// The fault as a member of a command's JSON output.
  package var json: JSONValue {
    [
      "severity": .text(severity.rawValue), "file": .text(place.file), "line": .int(place.line),
      "column": .int(place.column), "what": .text(what), "remedy": .text(remedy),
    ]
  }
}

/// All that is wrong with a plan, thrown together, so that one reading shows every fault.
package struct PlanFaults: Error, Sendable, Hashable, CustomStringConvertible {
  package let faults: [PlanFault]

  package init(_ faults: [PlanFault]) { self.faults = faults }

  package var errors: [PlanFault] { faults.filter { $0.severity == .error } }
  package var warnings: [PlanFault] { faults.filter { $0.severity == .warning } }

  /// A fault a line, in the order of the file, with excerpts below.
  package var description: String {
    faults.map { $0.description + ($0.excerpt.map { "\n" + $0 } ?? "") }.joined(separator: "\n")
  }
}

extension Sequence where Element == PlanFault {
  /// The faults in the order of their places, equal ones once, errors first at the same place.
  package func inPlanOrder() -> [PlanFault] {
    var seen: Set<PlanFault> = []
    return filter { seen.insert($0).inserted }.sorted { left, right in
      let (one, two) = (left.place, right.place)
      return (one.file, one.line, one.column, right.severity)
        < (two.file, two.line, two.column, left.severity)
    }
  }
}
