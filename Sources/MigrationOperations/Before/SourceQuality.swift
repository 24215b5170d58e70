import MigrationBasics
import MigrationRows

/// How good the rows of a source are, counted by what is wrong with them.
///
/// A row has one error at most, the one that stops it, so that parts may be added up.
package struct SourceQuality: Sendable {
  /// What a row can be wrong in.
  package enum Aspect: String, Sendable, CaseIterable {
    /// Values that must be there.
    case required
    /// The form of values: numbers, dates, addresses, lengths, words of a list, encodings.
    case format
    /// Values that may be in one row only.
    case uniqueness
    /// Values that must lead to a row of another table.
    case references
    /// Bounds of numbers and dates.
    case ranges
    /// What columns or rows have to do with each other.
    case rules

    /// Finds the aspect of a reason by the name that the ledger has for it.
    init(reason: String) {
      switch reason {
      case Reason.missing.name: self = .required
      case "duplicate", "exclusion": self = .uniqueness
      case Reason.orphan.name: self = .references
      case Reason.outOfRange.name, Reason.tooSmall.name, Reason.tooLarge.name: self = .ranges
      case Reason.checkFailed.name: self = .rules
      default: self = .format
      }
    }
  }

  /// The rows that one table of the plan reads.
  package struct Table: Sendable, Hashable {
    package let name: String
    package let rows: Int
    /// Rows that would be quarantined; business rules only name rows.
    var rejectedRows = 0
    package var failed: [Aspect: Int] = [:]

    package var failedRows: Int { failed.values.reduce(0, +) }
  }

  package var tables: [Table] = []
  package var findings: [ValidationFinding] = []
  /// The most rows that were read of each source; nil if all were.
  package var sample: Int?
  /// Business rules that can't be tried on a sample, being about several rows.
  package var untriedRules: [String] = []

  package var rows: Int { tables.reduce(0) { $0 + $1.rows } }

  package func failed(_ aspect: Aspect) -> Int {
    tables.reduce(0) { $0 + ($1.failed[aspect] ?? 0) }
  }

  /// The share of rows without an error; nil if there was no row.
  package var score: Double? { Self.share(tables.reduce(0) { $0 + $1.failedRows }, of: rows) }

  /// The share of rows without an error of one aspect.
  package func score(_ aspect: Aspect) -> Double? { Self.share(failed(aspect), of: rows) }

  package static func share(_ failed: Int, of rows: Int) -> Double? {
    rows > 0 ? Double(max(0, rows - failed)) / Double(rows) : nil
  }
}

extension SourceQuality {
  package var json: [(String, JSONValue)] {
    let aspects = Aspect.allCases.map { aspect -> (String, JSONValue) in
      (
        aspect.rawValue,
        ["failedRows": .int(failed(aspect)), "score": Self.percent(score(aspect))]
      )
    }
    return [
      ("rows", .int(rows)), ("sample", sample.map(JSONValue.int) ?? .null),
      ("parts", .object(JSONObject(aspects))), ("tables", .array(tables.map(json))),
    ]
  }

  private func json(_ table: Table) -> JSONValue {
    let failed = Aspect.allCases.map { ($0.rawValue, JSONValue.int(table.failed[$0] ?? 0)) }
    return [
      "table": .text(table.name), "rows": .int(table.rows),
      "failedRows": .int(table.failedRows),
      "score": Self.percent(Self.share(table.failedRows, of: table.rows)),
      "failed": .object(JSONObject(failed)),
    ]
  }

  package static func percent(_ share: Double?) -> JSONValue {
    share.map { .double($0 * 100) } ?? .null
  }
}
