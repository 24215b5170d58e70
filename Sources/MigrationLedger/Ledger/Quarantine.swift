import MigrationBasics

/// A source row that is not in the target, with everything that is needed to know why.
package struct QuarantinedRow: Sendable, Hashable {
  package enum Status: String, Sendable, CaseIterable {
    /// It waits for someone to decide, or to retry it.
    case open
    /// A retry loaded it into the target.
    case retried
    /// Someone decided that it stays out, or fixed it by hand.
    case settled
    /// It is in the target, but was changed since its load.
    case corrupted
  }

  /// The row's key in the source.
  ///
  /// Texts that are not UTF-8 are given as `EscapedText` makes them, here and in `row` and
  /// `winner`; NUL characters the ledger escapes itself.
  package var key: JSONValue
  /// The whole source row.
  package var row: JSONValue
  package var code: ErrorCode
  /// The reason in one word for programs, such as `tooLong`.
  package var reason: String
  package var column: String?
  /// The value that did not fit, as text.
  package var value: String?
  package var hint: String?
  /// Of a duplicate, the key of the row that came first.
  package var winner: JSONValue?

  package init(
    key: JSONValue, row: JSONValue, code: ErrorCode, reason: String, column: String? = nil,
    value: String? = nil, hint: String? = nil, winner: JSONValue? = nil
  ) {
    (self.key, self.row, self.code, self.reason) = (key, row, code, reason)
    (self.column, self.value, self.hint, self.winner) = (column, value, hint, winner)
  }

  /// Returns the row as the ledger keeps it, with nothing in it that `jsonb` would refuse in a
  /// database of an encoding.
  package func storable(for encoding: String) -> QuarantinedRow {
    func safe(_ text: String?) -> String? { text.map { EscapedText.storable($0, for: encoding) } }
    return QuarantinedRow(
      key: EscapedText.storable(key, for: encoding), row: EscapedText.storable(row, for: encoding),
      code: code, reason: reason, column: safe(column), value: safe(value), hint: safe(hint),
      // Of rows without a key it is all of a row, besides which there must be space for this one.
      winner: winner.map { EscapedText.storable($0, for: encoding, most: CutValue.mostShown) })
  }

  /// The members of a row that is storable, by the ledger's names of them.
  package var json: JSONValue {
    [
      "key": key, "row": row, "code": .text(code.rawValue), "reason": .text(reason),
      "column_name": .optional(column), "value": .optional(value), "hint": .optional(hint),
      "winner": winner ?? .null,
    ]
  }
}

/// A row of the quarantine, as it is in the ledger.
package struct QuarantineEntry: Sendable, Hashable {
  package let id: Int
  package let table: String
  package let feed: Int
  package let chunk: Int
  package let row: QuarantinedRow
  package let status: QuarantinedRow.Status
  /// How often a retry has failed.
  package let retries: Int
  package let note: String?
  package let added: Moment
}

/// Which rows of the quarantine are meant; what is nil does not matter.
package struct QuarantineFilter: Sendable, Hashable {
  package var table: String?
  package var code: ErrorCode?
  package var reason: String?
  package var column: String?
  package var status: QuarantinedRow.Status?
  /// Only rows with a higher number: the way to read on from page to page.
  package var after = 0

  package init(table: String? = nil, status: QuarantinedRow.Status? = nil) {
    (self.table, self.status) = (table, status)
  }
}

/// Rows of the quarantine with the same table, code, reason and column.
package struct QuarantinePattern: Sendable, Hashable {
  package let table: String
  package let code: String
  package let reason: String
  package let column: String?
  package let count: Int
  package let openCount: Int
  /// The first of the rows.
  package let example: QuarantineEntry
}

/// A source row that became part of another row of the target.
package struct MergedRow: Sendable, Hashable {
  package let key: JSONValue
  /// The key of the row that it became part of.
  package let winner: JSONValue

  package init(key: JSONValue, winner: JSONValue) { (self.key, self.winner) = (key, winner) }
}

/// How often a chunk's rows were changed or kept although something was wrong with them.
package struct WarningCount: Sendable, Hashable {
  package let column: String?
  package let reason: String
  package let count: Int
  /// Keys of the first few rows.
  package let examples: [JSONValue]

  package init(column: String?, reason: String, count: Int, examples: [JSONValue]) {
    (self.column, self.reason, self.count) = (column, reason, count)
    self.examples = Array(examples.prefix(ExampleKeys.most))
  }
}
