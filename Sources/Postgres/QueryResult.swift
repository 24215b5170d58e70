import CPostgres

/// The rows of a statement, or what it has to say instead.
///
/// It owns its memory and does not depend on the connection. libpq never changes
/// a result after it was made, so that threads may share it.
public final class QueryResult: @unchecked Sendable {
  // Never written after init; reading it is safe from any thread:
  // https://www.postgresql.org/docs/current/libpq-threading.html
  private let result: OpaquePointer
  private let live = LiveHandle()

  public let rowCount: Int
  public let columnCount: Int

  init(owning result: OpaquePointer) {
    self.result = result
    rowCount = Int(PQntuples(result))
    columnCount = Int(PQnfields(result))
  }

  deinit { PQclear(result) }

  /// The command as the server names it, such as `INSERT 0 3` or `ROLLBACK`.
  public var commandTag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

  /// How many rows the statement inserted, changed, copied or returned; zero for others.
  public var affectedRows: Int {
    PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
  }

  public var columnNames: [String] { (0..<columnCount).map(columnName) }

  public func columnName(_ column: Int) -> String {
    PQfname(result, Int32(checkedColumn: column, columnCount)).map { String(cString: $0) } ?? ""
  }

  /// Returns the number of the first column with that name.
  public func column(named name: String) -> Int? { columnNames.firstIndex(of: name) }

  public func columnType(_ column: Int) -> TypeOID {
    TypeOID(PQftype(result, Int32(checkedColumn: column, columnCount)))
  }

  public func isBinary(_ column: Int) -> Bool {
    PQfformat(result, Int32(checkedColumn: column, columnCount)) == ValueFormat.binary.rawValue
  }

  public func isNull(_ row: Int, _ column: Int) -> Bool {
    PQgetisnull(
      result, Int32(checkedRow: row, rowCount), Int32(checkedColumn: column, columnCount)) != 0
  }

  /// Lends the bytes of a value as they came; nil lends nothing, for null.
  ///
  /// The bytes belong to the result and must not be kept beyond the closure.
  public func withBytes<Value>(
    _ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) -> Value
  ) -> Value? {
    if isNull(row, column) { return nil }
    let length = Int(PQgetlength(result, Int32(row), Int32(column)))
    return body(
      UnsafeRawBufferPointer(start: PQgetvalue(result, Int32(row), Int32(column)), count: length))
  }
}

extension Int32 {
  fileprivate init(checkedRow row: Int, _ count: Int) {
    precondition(0..<count ~= row, "row \(row) of a result with \(count)")
    self = Int32(row)
  }

  fileprivate init(checkedColumn column: Int, _ count: Int) {
    precondition(0..<count ~= column, "column \(column) of a result with \(count)")
    self = Int32(column)
  }
}
