import MigrationBasics

/// How much of what a complete validation checked was as it should be.
///
/// Each part is a share, 0 to 1; the score is their mean. A part that had nothing to look at is not among them, and one
/// that could not look counts as 0.
package struct ValidationScore: Sendable {
  package let parts: [(name: String, share: Double)]

  init(_ report: ValidationReport) {
    var parts: [(String, Double)] = []
    if let quarantined = report.quarantined, quarantined.rows > 0 {
      parts.append(("loaded", 1 - quarantined.share))
    }
    for layer in report.layers {
      guard let share = layer.share else { continue }
      parts.append((layer.layer.rawValue, share))
    }
    if let queries = report.queries, !queries.isEmpty {
      parts.append(
        ("performance", Double(queries.count(where: \.isInTime)) / Double(queries.count)))
    }
    self.parts = parts
  }

  /// In percent, rounded down to tenths, so that 100 is said only if everything was right.
  package var percentage: Double? {
    guard !parts.isEmpty else { return nil }
    let mean = parts.reduce(0) { $0 + $1.share } / Double(parts.count)
    let isPerfect = parts.allSatisfy { $0.share >= 1 }
    return isPerfect ? 100 : min(99.9, Double(Int(mean * 1000)) / 10)
  }

  package var json: JSONValue { .object(JSONObject(parts.map { ($0.name, .double($0.share)) })) }
}

extension ValidationReport {
  /// Nil unless everything was checked.
  package var score: ValidationScore? { isComplete ? ValidationScore(self) : nil }

  /// Whether all that a validation usually checks passed, and nothing else failed: a plan may have no rules.
  package var isSuccessful: Bool {
    isGo && isWhole
      && layers.allSatisfy { $0.status == .pass || !ValidationLayer.usual.contains($0.layer) }
  }

  /// What is worth a look, and fails nothing.
  package var warnings: Int {
    layers.reduce(0) { $0 + $1.findings.count { $0.severity == .warning } }
  }
}

extension LayerResult {
  /// The share of what was compared that was right; nil of a layer that did not run.
  fileprivate var share: Double? {
    guard reasonNotRun == nil else { return nil }
    let (good, all) =
      switch layer {
      case .counts: (tables.count { $0["matches"] == true }, tables.count)
      case .records: (equalFields, fields)
      case .references: (references.followed - references.orphans, references.followed)
      case .types, .rules, .fingerprints:
        (checked - findings.count { $0.severity != .warning }, checked)
      }
    // What had nothing to compare is not counted; what could not look has failed.
    guard all > 0 else { return status == .fail ? 0 : nil }
    return min(1, max(0, Double(good) / Double(all)))
  }
}
