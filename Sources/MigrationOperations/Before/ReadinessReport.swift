import MigrationBasics
import MigrationLedger
import MigrationPlan

/// The outcome of the validation before a migration: every part's, and whether to begin.
package struct ReadinessReport: Sendable {
  package static let fileName = "pre-migration-validation-report.json"

  package let plan: String
  package let thresholds: Thresholds
  package let started: Moment
  package let duration: Duration
  package let parts: [ReadinessPart]

  package var criticalErrors: Int { parts.reduce(0) { $0 + $1.criticalErrors } }
  private var hasTooManyErrors: Bool { criticalErrors > thresholds.critical }

  package var isReady: Bool {
    !parts.isEmpty && parts.allSatisfy(\.isReady) && !hasTooManyErrors
  }

  /// Why, in one line.
  package var why: String {
    var reasons = parts.filter { !$0.isReady }.map {
      "\($0.subject.rawValue): \($0.objections.joined(separator: ", "))"
    }
    if hasTooManyErrors {
      reasons.append(
        "\(CountText.of(criticalErrors, "critical error")), allowed: \(GroupedNumber.text(thresholds.critical))"
      )
    }
    guard reasons.isEmpty else { return reasons.joined(separator: "; ") }
    let missing = ReadinessPart.Subject.allCases.filter { !parts.map(\.subject).contains($0) }
    return missing.isEmpty
      ? "every part passed"
      : "every checked part passed; not checked: "
        + missing.map(\.rawValue).joined(separator: ", ")
  }

  package func part(_ subject: ReadinessPart.Subject) -> ReadinessPart? {
    parts.first { $0.subject == subject }
  }

  /// The report as the file that runbooks read.
  package var json: JSONValue {
    .object(JSONObject([("summary", summary)] + parts.map { ($0.subject.member, $0.json) }))
  }

  private var summary: JSONValue {
    [
      "status": isReady ? "PASS" : "FAIL", "verdict": isReady ? "READY" : "NOT READY",
      "why": .text(why), "plan": .text(plan), "startedAt": .text(started.description),
      "durationSeconds": .double(duration.inSeconds),
      "dataQualityScore": SourceQuality.percent(part(.quality)?.score),
      "criticalErrors": .int(criticalErrors),
      "schemaCompatibility": SourceQuality.percent(part(.schema)?.score),
      "backupSystem": .optional(part(.backup).map { $0.isReady ? "Ready" : "Not ready" }),
      "thresholds": [
        "quality": SourceQuality.percent(thresholds.quality),
        "critical": .int(thresholds.critical),
        "schema": SourceQuality.percent(thresholds.schema),
        "roundTripMilliseconds": .double(thresholds.roundTrip / .milliseconds(1)),
      ],
      "parts": .object(
        JSONObject(parts.map { ($0.subject.rawValue, .text($0.isReady ? "PASS" : "FAIL")) })),
    ]
  }
}

/// Shares as people read them.
package enum Percent {
  /// Never rounded up: what is not all is never shown as 100 %.
  package static func text(_ share: Double) -> String {
    // A little more, because a share such as 0.29 lies a little below itself.
    let rounded = Int((share * 10_000 + 1e-6).rounded(.down))
    let hundredths = share < 1 ? min(rounded, 9999) : rounded
    let (whole, fraction) = (hundredths / 100, hundredths % 100)
    if fraction == 0 { return "\(whole)%" }
    let digits = fraction < 10 ? "0\(fraction)" : "\(fraction)"
    return "\(whole).\(digits.hasSuffix("0") ? String(digits.dropLast()) : digits)%"
  }
}
