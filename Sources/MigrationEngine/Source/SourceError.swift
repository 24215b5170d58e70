import MigrationBasics

/// A failure of a source that could be reached before.
///
/// Sources that speak PostgreSQL fail with a `PostgresError`.
package struct SourceError: Error, CustomStringConvertible {
  let code: ErrorCode
  /// Whether it may work when tried again.
  let isTransient: Bool
  package let description: String
  /// One word for programs.
  let reason: String?

  package init(
    _ code: ErrorCode, _ description: String, isTransient: Bool, reason: String? = nil
  ) {
    (self.code, self.description) = (code, description)
    (self.isTransient, self.reason) = (isTransient, reason)
  }
}
