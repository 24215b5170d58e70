import MigrationBasics

/// How the values of a source row are transformed into one target column.
///
/// A rule is a source of a value with steps behind it; rules nest if a value is built of several.
package indirect enum Rule: Sendable {
  /// The first of these source columns that is not null.
  case source([String])
  /// The same value for every row.
  case constant(JSONValue)
  /// The session's start, the same for all rows of a migration, however often it is resumed.
  case runTime
  /// The element at hand of the array whose elements are the feed's rows.
  case element
  /// A JSON object; the order of the keys is kept as far as the column's type keeps it.
  case object([(key: String, rule: Rule)])
  case array([Rule])
  /// Texts put together; null parts are omitted with their separator.
  case concatenation([Rule], separator: String)
  /// The part of a JSON value that a path leads to.
  case part(Rule, path: [String])
  /// The uuid that represents a legacy id of an entity: kept if it is a uuid, else made from it.
  case identity(entity: String, Rule)
  /// The key of a row of another target table, found by one of several ways, tried in order.
  case reference(Reference)
  case conditional(RuleCondition, then: Rule, otherwise: Rule)
  /// A rule's value, changed or checked.
  case step(Rule, RuleStep)
}

/// A look-up of a row of a target table.
package struct Reference: Sendable {
  /// One way to find the row: a column of the referenced table, and the value to look for.
  package struct Way: Sendable {
    package let column: String
    package let value: Rule

    package init(column: String, value: Rule) { (self.column, self.value) = (column, value) }
  }
  package let table: String
  /// The column of the referenced table whose value is taken, usually its key `id`.
  package let result: String
  package let ways: [Way]
  /// What happens if there were values to look for, and no row was found.
  package let orphan: FailurePolicy

  package init(table: String, result: String = "id", ways: [Way], orphan: FailurePolicy) {
    (self.table, self.result, self.ways, self.orphan) = (table, result, ways, orphan)
  }
}

/// What to do with a value that does not fit.
package enum FailurePolicy: String, Sendable, CaseIterable, BitwiseCopyable {
  /// The row is quarantined.
  case quarantine
  /// The value becomes null, and a warning is counted.
  case null
  /// The value is kept as it is, and a warning is counted.
  case keep
}

/// When a conditional rule takes its first branch.
package indirect enum RuleCondition: Sendable {
  case isNull(Rule)
  case equals(Rule, [JSONValue])
  case matches(Rule, prefix: String)
  /// Whether the first is not above the second; false if either is null.
  case atMost(Rule, Rule)
  case not(RuleCondition)
  case all([RuleCondition])
  case any([RuleCondition])
}

/// A change or a check of one value.
package enum RuleStep: Sendable {
  // Text
  case trim
  /// Trims, and makes every run of blanks inside one space.
  case collapseBlanks
  case emptyToNull
  case lowercase
  case uppercase
  /// Keeps digits and a leading plus; between 7 and 15 digits are valid.
  case phone(FailurePolicy)
  /// Lowercases nothing, checks the form of an e-mail address.
  case email(FailurePolicy)
  /// Cuts text to a number of characters, and counts a warning if it did.
  case truncate(Int)
  /// What to do with NUL bytes, which PostgreSQL can't hold.
  case nul(NULPolicy)
  /// A keyed digest in place of the value, for personal data.
  case hash
  /// Stars in place of all but the last characters.
  case mask(keepLast: Int)

  // Conversion
  /// Words for true and false besides PostgreSQL's own; compared without case.
  case boolean(truthy: [String], falsy: [String], FailurePolicy)
  /// Text with these separators becomes a number.
  case number(decimal: String, grouping: String, FailurePolicy)
  /// Text in one of these formats (`yyyy-MM-dd`, `dd.MM.yyyy HH:mm`, …) becomes a date or time.
  case date(formats: [String], timeZone: String?, FailurePolicy)
  case map([String: JSONValue], otherwise: MapOtherwise)
  /// Rounds numbers to the column's scale instead of refusing those that do not fit.
  case round

  // Checks
  case required
  case minimum(String, FailurePolicy)
  case maximum(String, FailurePolicy)
  case oneOf([String], FailurePolicy)
  /// An alphabetic currency code of ISO 4217.
  case currencyCode(FailurePolicy)

  // Nulls
  case otherwise(Rule)
}

package enum NULPolicy: String, Sendable, CaseIterable, BitwiseCopyable {
  case quarantine, strip, replace
}

/// What a `map` step does with a value that it does not list.
package enum MapOtherwise: Sendable {
  case policy(FailurePolicy)
  case value(JSONValue)
}
