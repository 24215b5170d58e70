import MigrationBasics
import Postgres

/// The columns of a statement that a decoder reads, in the order of the cases.
///
/// The statement selects `list`, and the decoder reads each column by its case. So both change at one place.
package protocol ColumnList: CaseIterable, Equatable where AllCases == [Self] {
  /// What the statement selects for the column: its name, if the list does not say otherwise.
  var sql: String { get }
}

extension ColumnList {
  /// All columns, as a statement selects them.
  package static var list: String { allCases.map(\.sql).joined(separator: ", ") }
}

extension ColumnList where Self: RawRepresentable, RawValue == String {
  package var sql: String { rawValue }
}

/// A row of a result, read by the columns of a list.
package struct ColumnRow<Column: ColumnList> {
  private let row: QueryResult.Row
  private let first: Int

  /// - Parameter first: how many columns of other lists the statement selects before those of this one.
  package init(_ row: QueryResult.Row, after first: Int = 0) {
    (self.row, self.first) = (row, first)
  }

  private func place(_ column: Column) -> Int {
    first + (Column.allCases.firstIndex(of: column) ?? 0)
  }

  package func isNull(_ column: Column) -> Bool { row.isNull(place(column)) }
  package func text(_ column: Column) -> String? { row.text(place(column)) }
  package func int(_ column: Column) -> Int? { row.int(place(column)) }
  package func bytes(_ column: Column) -> [UInt8]? { row.bytes(place(column)) }
  package func moment(_ column: Column) -> Moment? { row.moment(place(column)) }
  package func optionalID<ID: LedgerID>(_ column: Column) -> ID? { row.optionalID(place(column)) }
  package func json(_ column: Column) throws(ParseError) -> JSONValue {
    try row.json(place(column))
  }

  // Of columns that are never null.
  package func string(_ column: Column) -> String { row.string(place(column)) }
  package func number(_ column: Column) -> Int { row.number(place(column)) }
  package func flag(_ column: Column) -> Bool { row.flag(place(column)) }
  package func id<ID: LedgerID>(_ column: Column) -> ID { row.id(place(column)) }
}

extension QueryResult {
  /// Returns the rows of a statement that selects the columns of a list, and perhaps others after them.
  package func rows<Column: ColumnList>(by columns: Column.Type) -> [ColumnRow<Column>] {
    rows.map { ColumnRow($0) }
  }
}
