import MigrationPlan
import Postgres

/// What the keys or results of a look-up are.
package enum LookupForm: Sendable, Hashable, BitwiseCopyable {
  /// 16 bytes.
  case uuid
  /// 8 bytes, the highest first.
  case integer
  /// UTF-8.
  case text
  /// UTF-8 without blanks at its end, which mean nothing.
  case padded
  /// A numeric's digits, without zeros at the end of its decimal places.
  case number
  /// Days and microseconds, as the server sends them.
  case date, time, timestamp, timestamptz
  /// One byte.
  case bool

  /// How values of a column are distinguished from each other; nil if equal ones may be written in several ways, and only the
  /// server knows which.
  init?(of column: PostgresColumn) {
    guard let form = WireForm(column.type), column.isDeterministic, column.type.baseName != "citext"
    else { return nil }
    switch form {
    case .uuid: self = .uuid
    case .int2, .int4, .int8, .oid: self = .integer
    case .text, .bytes, .char: self = .text
    case .padded: self = .padded
    case .numeric: self = .number
    case .date: self = .date
    case .time: self = .time
    case .timestamp: self = .timestamp
    case .timestamptz: self = .timestamptz
    case .bool: self = .bool
    case .float4, .float8, .json, .jsonb, .array, .raw, .foreign: return nil
    }
  }
}

/// A look-up table that a program needs: the rows of a target table by one of their columns.
package struct ReferenceSpec: Sendable, Hashable {
  package let table: String
  package let keyColumn: String
  package let resultColumn: String
  package let keyForm: LookupForm
  package let resultForm: LookupForm

  /// The select list that gives key and result in the form that `LookupTableBuilder` takes rows in.
  package var selectList: String {
    [(keyColumn, keyForm), (resultColumn, resultForm)].map { name, form in
      // The compiler has checked the names.
      let column = (try? SQL.identifier(name)) ?? "null"
      switch form {
      case .uuid: return column + "::uuid"
      case .integer: return column + "::int8"
      // The cast of a char(n) takes its blanks off.
      case .text, .padded: return column + "::text"
      case .number:
        return
          "CASE WHEN \(column)::text LIKE '%.%' THEN pg_catalog.rtrim(pg_catalog.rtrim(\(column)::text, '0'), '.') "
          + "ELSE \(column)::text END"
      case .date, .time, .timestamp, .timestamptz, .bool: return column
      }
    }.joined(separator: ", ")
  }

  var shape: LookupShape { LookupShape(key: keyForm, result: resultForm) }
}

/// What the row program must know of a look-up table.
struct LookupShape: BitwiseCopyable {
  var key: LookupForm
  var result: LookupForm
}

/// A reference to a row of a table that is not loaded yet when this one is, so that it must be
/// verified afterwards.
package struct DeferredReference: Sendable, Hashable {
  /// The column of this table that refers.
  package let column: String
  /// The table that is referred to: this one, or another that comes later.
  package let table: String
  package let resultColumn: String
  /// What happens to a row whose reference matches no row.
  package let orphan: FailurePolicy
}

extension LookupTableBuilder {
  /// Adds the two fields of a COPY row that `ReferenceSpec.selectList` gave; rows with nulls are
  /// omitted. Returns false if the row is damaged or the key was there before.
  @discardableResult
  package func insert(row: UnsafeRawBufferPointer) -> Bool {
    var reader = BinaryRowReader(row)
    guard reader.fieldCount == 2, let key = reader.next(), let value = reader.next() else {
      return false
    }
    if key.isNull || value.isNull { return true }
    return insert(key: key.bytes, value: value.bytes)
  }
}
