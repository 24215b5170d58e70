/// Why a row was set aside.
public struct RejectReason: Sendable, Hashable {
  public let reason: Reason
  /// The target column whose value did not fit; empty where the row as a whole is at fault.
  public let column: String
  /// The source columns that the value came from.
  public let sources: [String]
  /// The check that failed, where `reason` is `checkFailed`.
  public let check: String?
  /// The value as text; nil where there was none.
  public let value: String?

  public init(
    _ reason: Reason, column: String, sources: [String] = [], check: String? = nil,
    value: String? = nil
  ) {
    (self.reason, self.column, self.sources) = (reason, column, sources)
    (self.check, self.value) = (check, value)
  }

  /// The manual's code.
  public var code: ErrorCode { reason.code }

  /// What an operator can do about it.
  public var hint: String {
    guard reason == .missing, !sources.isEmpty else { return reason.hint }
    return "\(sources.joined(separator: ", ")) had no value: \(reason.hint)"
  }
}

/// How often values were changed or let through, by column and reason.
public struct WarningCounts: Sendable, Hashable {
  /// What a warning is about.
  public struct Warning: Sendable, Hashable {
    public let column: String
    public let reason: Reason
  }
  public internal(set) var counts: [Warning: Int] = [:]
  /// Keys of the first few rows.
  public internal(set) var examples: [Warning: [JSONValue]] = [:]

  public init() {}

  /// How many warnings there were in all.
  public var total: Int { counts.values.reduce(0, +) }

  /// How often a column had a reason.
  public subscript(column: String, reason: Reason) -> Int {
    counts[Warning(column: column, reason: reason)] ?? 0
  }

  /// Adds the counts of another chunk.
  public mutating func add(_ other: WarningCounts) {
    counts.merge(other.counts, uniquingKeysWith: +)
  }
}
