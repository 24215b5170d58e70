import MigrationBasics
import MigrationLedger

/// How many of the rows that a migration read are in quarantine, and how many may be.
package struct QuarantinedShare: Sendable, Hashable {
  /// Rows that should be in the target: those that were read, without the ones that the plan omits.
  package let rows: Int
  package let quarantined: Int
  /// The share must be below this; nil leaves it to people.
  package let limit: Double?

  init(_ sheets: [RowCounts], limit: Double?) {
    rows = sheets.reduce(0) { $0 + $1.read - $1.filtered }
    quarantined = sheets.reduce(0) { $0 + $1.open }
    self.limit = limit
  }

  package var share: Double { rows > 0 ? Double(quarantined) / Double(rows) : 0 }

  /// No limit is broken by a migration without a quarantined row.
  package var isWithinLimit: Bool {
    guard let limit, quarantined > 0 else { return true }
    return share < limit
  }

  /// The numbers as they are next to the verdict.
  package var words: String {
    let whole = "\(GroupedNumber.text(rows - quarantined)) of \(CountText.of(rows, "row"))"
    guard quarantined > 0 else { return whole }
    let allowed = limit.map { ", limit \(ShareText.limit($0))" } ?? ""
    return "\(whole), \(GroupedNumber.text(quarantined)) quarantined "
      + "(\(ShareText.measured(share, limit: limit))\(allowed))"
  }

  package var finding: ValidationFinding? {
    guard !isWithinLimit else { return nil }
    return ValidationFinding(
      .critical, .data, table: "",
      "\(words): the share must be below thresholds.quarantined of the plan", count: quarantined,
      remedy:
        "correct the rows and load them: migrate errors, migrate retry; or allow more in the plan")
  }

  package var json: JSONValue {
    [
      "rows": .int(rows), "quarantined": .int(quarantined), "share": .double(share),
      "limit": limit.map(JSONValue.double) ?? .null, "isWithinLimit": .bool(isWithinLimit),
    ]
  }
}
