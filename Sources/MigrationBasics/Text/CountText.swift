/// A number with its noun: `1 row`, `1,234 rows`.
///
/// Messages for people say every count with it. JSON has the bare number.
package enum CountText {
  /// - Parameters:
  ///   - one: the noun of one thing, with its verb if the sentence has one: `row is`.
  ///   - many: the plural; `one` with an s if it is not given.
  package static func of(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    GroupedNumber.text(count) + " " + (count == 1 ? one : many ?? one + "s")
  }
}
