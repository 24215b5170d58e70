import MigrationBasics
import MigrationLedger

/// The outcome of a validation: every layer's, and whether to continue.
package struct ValidationReport: Sendable {
  package let plan: String
  package let session: SessionID
  package let started: Moment
  package let duration: Duration
  package let layers: [LayerResult]
  /// Rows of the target in the tables that were checked.
  package let targetRows: Int
  /// Rows in quarantine among those of the tables that were checked; nil if the ledger could not be read.
  package let quarantined: QuarantinedShare?
  /// Tables of them that are done with more rejects than their session allowed.
  package let accepted: [AcceptedRejects]
  /// The plan's queries, timed; nil if they were not, or the plan has none.
  package let queries: [QueryTiming.Result]?
  /// Whether everything was checked that a plan can have checked.
  package let isComplete: Bool
  /// Whether all tables were checked, by all layers that are usual.
  package let isWhole: Bool

  /// Whether nothing is left to be checked before the target is put to use.
  package var isSafe: Bool { isGo && isWhole && layers.allSatisfy { $0.status == .pass } }

  /// What was counted: references if nothing else was checked, else the rows of the tables.
  package var total: Int {
    layers.map(\.layer) == [.references] ? layers[0].references.followed : targetRows
  }

  /// The share of compared fields that were equal, in percent; nil if none was compared.
  package var matchPercentage: Double? {
    let fields = layers.reduce(0) { $0 + $1.fields }
    guard fields > 0 else { return nil }
    return Double(layers.reduce(0) { $0 + $1.equalFields }) * 100 / Double(fields)
  }

  package var isGo: Bool {
    layers.contains { $0.status == .pass } && layers.allSatisfy { $0.status != .fail }
  }

  /// Why, in one line, with the rows that are in quarantine.
  package var why: String {
    [isGo ? quarantined?.words : nil, reason, slowness].compactMap { $0 }.joined(separator: "; ")
  }

  /// Slow queries are told beside the verdict, which is about rows.
  private var slowness: String? {
    let late = queries?.count { !$0.isInTime } ?? 0
    guard late > 0 else { return nil }
    return CountText.of(late, "query is", "queries are")
      + " not within the limit: migrate test-performance"
  }

  private var reason: String {
    let failed = layers.filter { $0.status == .fail }
    let missing = layers.filter { $0.status == .notRun }.map(\.layer.rawValue)
    guard failed.isEmpty else {
      return failed.map { "\($0.layer.rawValue): \(Self.words($0))" }.joined(separator: "; ")
    }
    guard layers.contains(where: { $0.status == .pass }) else { return "nothing was checked" }
    let all =
      "every layer that was run passed"
      + (targetRows == 0 ? ", and the checked tables have no rows" : "")
    return missing.isEmpty ? all : all + "; not run: " + missing.joined(separator: ", ")
  }

  private static func words(_ layer: LayerResult) -> String {
    let real = layer.findings.filter { $0.severity != .warning }
    if real.isEmpty, layer.mismatches.isEmpty { return "nothing to check" }
    if let first = real.first {
      return first.what + (real.count > 1 ? " and \(real.count - 1) more" : "")
    }
    return CountText.of(layer.mismatches.count, "field differs", "fields differ")
      + " from the source"
  }
}

extension ValidationReport {
  /// The report as the file that runbooks read.
  package var json: JSONValue {
    var members = [("summary", summary)] + layers.map { ($0.layer.member, $0.json) }
    if let queries {
      members.append(
        (
          "performanceValidation",
          [
            "status": queries.allSatisfy(\.isInTime) ? "PASS" : "FAIL",
            "queries": .array(queries.map(\.json)),
          ]
        ))
    }
    return .object(JSONObject(members))
  }

  private var summary: JSONValue {
    [
      "status": isGo ? "PASS" : "FAIL", "verdict": isGo ? "GO" : "NO-GO", "why": .text(why),
      "matchPercentage": matchPercentage.map(JSONValue.double) ?? .null,
      "totalRecords": .int(total), "quarantined": quarantined?.json ?? .null,
      "acceptedRejects": .array(accepted.map(\.json)), "plan": .text(plan),
      "session": .id(session),
      "startedAt": .text(started.description), "durationSeconds": .double(duration.inSeconds),
      "overallScore": score?.percentage.map(JSONValue.double) ?? .null,
      "scoreParts": score?.json ?? .null,
      "layers": .object(
        JSONObject(layers.map { ($0.layer.rawValue, .text($0.status.rawValue)) })),
    ]
  }
}

extension LayerResult {
  fileprivate var json: JSONValue {
    var members: [(String, JSONValue)] = [
      ("status", .text(status.rawValue)), ("durationSeconds", .double(duration.inSeconds)),
      ("checked", .int(checked)), ("reason", .optional(reasonNotRun)),
    ]
    if layer == .records {
      members += [
        ("records", .int(records)), ("fields", .int(fields)), ("equalFields", .int(equalFields)),
        ("fieldMismatches", .array(mismatches.map(\.json))),
      ]
    }
    if layer == .fingerprints {
      members.append(("fieldMismatches", .array(mismatches.map(\.json))))
    }
    if layer == .counts {
      // What passes is no discrepancy.
      let isReal = { (finding: ValidationFinding) in finding.severity != .warning }
      members += [
        ("discrepancies", .array(findings.filter(isReal).map(\.json))),
        ("warnings", .array(findings.filter { !isReal($0) }.map(\.json))),
      ]
    } else {
      members.append(("findings", .array(findings.map(\.json))))
    }
    members.append(("tables", .array(tables)))
    return .object(JSONObject(members))
  }
}

extension Duration {
  /// Seconds to the millisecond.
  var inSeconds: Double {
    let parts = components
    let milliseconds = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
    return Double(milliseconds) / 1000
  }
}
