/// A condition that the target's rows must meet because the business says so.
///
/// It is SQL of the target's own, so that people who know the business can write and try it.
public struct BusinessRule: Sendable, Hashable {
  package enum Test: Sendable, Hashable {
    /// A condition that each row of the table must meet; null passes, as in SQL's CHECK.
    case condition(String)
    /// A query that returns the keys of rows that offend.
    case offenders(String)
  }

  public let name: String
  /// What belongs together, such as `pricing` or `stock`.
  public let group: String
  public let table: String
  package let severity: FindingSeverity
  package let test: Test
  /// What it means if the rule is broken.
  public let message: String
  /// A statement that would repair it; shown, and never run.
  public let repair: String?
  package let place: PlanPlace
}

/// A question that the application will ask often, and how long its answer may take.
package struct TimedQuery: Sendable, Hashable {
  package let name: String
  /// The statement; `$1` represents an argument.
  package let sql: String
  /// A query for arguments to try it with; nil if it takes none.
  package let arguments: String?
  package let limit: Duration
  package let place: PlanPlace
}
