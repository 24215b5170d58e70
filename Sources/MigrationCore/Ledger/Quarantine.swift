/// A source row that is not in the target, with everything that is needed to know why.
public struct QuarantinedRow: Sendable, Hashable {
  public enum Status: String, Sendable, CaseIterable {
    /// It waits for someone to decide, or to retry it.
    case open
    /// A retry brought it into the target.
    case retried
    /// Someone decided that it stays out, or fixed it by hand.
    case settled
    /// It is in the target, and not as it was sent.
    case corrupted
  }

  /// The row's key in the source.
  ///
  /// Texts that are not UTF-8 are given as `EscapedText` makes them, here and in `row` and
  /// `winner`; NUL characters the ledger escapes itself.
  public var key: JSONValue
  /// The whole source row.
  public var row: JSONValue
  public var code: ErrorCode
  /// The reason in one word for programs, such as `tooLong`.
  public var reason: String
  public var column: String?
  /// The value that did not fit, as text.
  public var value: String?
  public var hint: String?
  /// Of a duplicate, the key of the row that came first.
  public var winner: JSONValue?

  public init(
    key: JSONValue, row: JSONValue, code: ErrorCode, reason: String, column: String? = nil,
    value: String? = nil, hint: String? = nil, winner: JSONValue? = nil
  ) {
    (self.key, self.row, self.code, self.reason) = (key, row, code, reason)
    (self.column, self.value, self.hint, self.winner) = (column, value, hint, winner)
  }

  /// Returns the row as the ledger keeps it, with nothing in it that `jsonb` would refuse in a
  /// database of an encoding.
  func storable(for encoding: String) -> QuarantinedRow {
    func safe(_ text: String?) -> String? { text.map { EscapedText.storable($0, for: encoding) } }
    return QuarantinedRow(
      key: EscapedText.storable(key, for: encoding), row: EscapedText.storable(row, for: encoding),
      code: code, reason: reason, column: safe(column), value: safe(value), hint: safe(hint),
      // Of rows without a key it is all of a row, beside which there must be room for this one.
      winner: winner.map { EscapedText.storable($0, for: encoding, most: CutValue.mostShown) })
  }

  /// The members of a row that is storable, by the ledger's names of them.
  var json: JSONValue {
    [
      "key": key, "row": row, "code": .text(code.rawValue), "reason": .text(reason),
      "column_name": .optional(column), "value": .optional(value), "hint": .optional(hint),
      "winner": winner ?? .null,
    ]
  }
}

/// A row of the quarantine, as it stands in the ledger.
public struct QuarantineEntry: Sendable, Hashable {
  public let id: Int
  public let table: String
  public let feed: Int
  public let chunk: Int
  public let row: QuarantinedRow
  public let status: QuarantinedRow.Status
  /// How often a retry has failed.
  public let retries: Int
  public let note: String?
  public let added: Moment
}

/// Which rows of the quarantine are meant; what is nil does not matter.
public struct QuarantineFilter: Sendable, Hashable {
  public var table: String?
  public var code: ErrorCode?
  public var reason: String?
  public var column: String?
  public var status: QuarantinedRow.Status?
  /// Only rows with a higher number: the way to read on from page to page.
  public var after = 0

  public init(table: String? = nil, status: QuarantinedRow.Status? = nil) {
    (self.table, self.status) = (table, status)
  }
}

/// Rows of the quarantine with the same table, code, reason and column.
public struct QuarantinePattern: Sendable, Hashable {
  public let table: String
  public let code: String
  public let reason: String
  public let column: String?
  public let count: Int
  public let openCount: Int
  /// The first of the rows.
  public let example: QuarantineEntry
}

/// A source row that became part of another row of the target.
public struct MergedRow: Sendable, Hashable {
  public let key: JSONValue
  /// The key of the row that it became part of.
  public let winner: JSONValue

  public init(key: JSONValue, winner: JSONValue) { (self.key, self.winner) = (key, winner) }
}

/// How often a chunk's rows were changed or kept although something was wrong with them.
public struct WarningCount: Sendable, Hashable {
  public let column: String?
  public let reason: String
  public let count: Int
  /// Keys of the first few rows.
  public let examples: [JSONValue]

  public init(column: String?, reason: String, count: Int, examples: [JSONValue]) {
    (self.column, self.reason, self.count) = (column, reason, count)
    self.examples = Array(examples.prefix(ExampleKeys.most))
  }
}
