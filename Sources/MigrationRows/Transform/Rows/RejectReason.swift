import MigrationBasics

/// Why a row was quarantined.
package struct RejectReason: Sendable, Hashable {
  package let reason: Reason
  /// The target column whose value did not fit; empty if the row as a whole is at fault.
  package let column: String
  /// The source columns that the value came from.
  package let sources: [String]
  /// The check that failed, if `reason` is `checkFailed`.
  package let check: String?
  /// The value as text; nil if there was none.
  package let value: String?

  package init(
    _ reason: Reason, column: String, sources: [String] = [], check: String? = nil,
    value: String? = nil
  ) {
    (self.reason, self.column, self.sources) = (reason, column, sources)
    (self.check, self.value) = (check, value)
  }

  /// The manual's code.
  package var code: ErrorCode { reason.code }

  /// What an operator can do about it.
  package var hint: String {
    guard reason == .missing, !sources.isEmpty else { return reason.hint }
    return "\(sources.joined(separator: ", ")) had no value: \(reason.hint)"
  }
}

/// How often values were changed or let through, by column and reason.
package struct WarningCounts: Sendable, Hashable {
  /// What a warning is about.
  package struct Warning: Sendable, Hashable {
    package let column: String
    package let reason: Reason
  }
  package var counts: [Warning: Int] = [:]
  /// Keys of the first few rows.
  package var examples: [Warning: [JSONValue]] = [:]

  package init() {}

  /// How many warnings there were in all.
  package var total: Int { counts.values.reduce(0, +) }

  /// How often a column had a reason.
  package subscript(column: String, reason: Reason) -> Int {
    counts[Warning(column: column, reason: reason)] ?? 0
  }

  /// Adds the counts of another chunk.
  package mutating func add(_ other: WarningCounts) {
    counts.merge(other.counts, uniquingKeysWith: +)
  }
}
