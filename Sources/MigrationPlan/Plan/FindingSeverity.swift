/// How bad a finding of a validation is.
package enum FindingSeverity: String, Sendable, CaseIterable {
  /// Rows are lost, doubled or match no row.
  case critical
  /// A record is not what the plan makes of its source.
  case high
  /// A value has a form that the plan does not intend.
  case medium
  /// Worth a look; it does not fail a validation.
  case warning
}
