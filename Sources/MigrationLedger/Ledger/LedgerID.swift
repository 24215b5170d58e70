import MigrationBasics
import Postgres

/// The number of a row in one of the ledger's tables; numbers of different tables are different types.
///
/// It is a parameter of statements as it is, and its description is the number, also for SQL.
public protocol LedgerID: RawRepresentable, Hashable, Sendable, CustomStringConvertible,
  ParameterConvertible, ArrayParameterElement
where RawValue == Int {
  init(rawValue: Int)
}

extension LedgerID {
  public var description: String { String(rawValue) }

  public var postgresParameter: Parameter { rawValue.postgresParameter }

  public static func parameter(of array: [Self]) -> Parameter {
    Int.parameter(of: array.map(\.rawValue))
  }
}

/// The number of a session.
public struct SessionID: LedgerID {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
}

/// The number of a run.
public struct RunID: LedgerID {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
}

/// The number of a table in a session: the same table has another one in another session.
package struct TableID: LedgerID {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }
}

extension QueryResult.Row {
  /// Returns a number of the ledger from a column that is never null.
  package func id<ID: LedgerID>(_ column: Int) -> ID { ID(rawValue: number(column)) }

  /// Returns a number of the ledger; nil for null.
  package func optionalID<ID: LedgerID>(_ column: Int) -> ID? {
    int(column).map(ID.init(rawValue:))
  }
}

extension JSONValue {
  /// A number of the ledger as JSON.
  package static func id(_ id: some LedgerID) -> JSONValue { .int(id.rawValue) }
}
