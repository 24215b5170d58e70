import CPostgres

/// Turns libpq's results into values or errors; the one place that checks their status.
enum ResultReading {
  /// Takes a result over and returns it if it is a success.
  static func checked(
    _ result: OpaquePointer?, _ connection: OpaquePointer, _ operation: PostgresError.Operation
  ) throws(PostgresError) -> QueryResult {
    guard let result else { throw lossOrLibrary(connection, operation) }
    switch PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
      return QueryResult(owning: result)
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      PQclear(result)
      abandonCopy(connection)
      throw PostgresError(
        operation, .unexpectedStatement, "a COPY to or from the client needs copyIn or copyOut")
    default:
      defer { PQclear(result) }
      throw failure(result, connection, operation)
    }
  }

  /// Reads the error of a failed result, which stays the caller's.
  static func failure(
    _ result: OpaquePointer, _ connection: OpaquePointer, _ operation: PostgresError.Operation
  ) -> PostgresError {
    let report = ServerReport(copying: result)
    // FATAL ends the session, whether or not libpq has seen the end of the stream yet.
    if PQstatus(connection) == CONNECTION_BAD || report.endsSession {
      return PostgresError(operation, .connectionLost, lossMessage(report.message), report: report)
    }
    // Without a code it was libpq that refused, not the server.
    let kind: PostgresError.Kind = report.sqlState == nil ? .library : .server
    return PostgresError(operation, kind, report.message, report: report)
  }

  /// Makes the error for a call without any result.
  static func lossOrLibrary(
    _ connection: OpaquePointer, _ operation: PostgresError.Operation
  ) -> PostgresError {
    let message = firstLine(String(cString: PQerrorMessage(connection)))
    return PQstatus(connection) == CONNECTION_BAD
      ? PostgresError(operation, .connectionLost, lossMessage(message))
      : PostgresError(operation, .library, message)
  }

  private static func lossMessage(_ message: String) -> String {
    message.isEmpty ? "the connection to the server was lost" : message
  }

  /// Reads results to their end; returns the successes, or throws the first error.
  ///
  /// libpq continues only when PQgetResult has returned nil.
  static func all(
    _ connection: OpaquePointer, _ operation: PostgresError.Operation
  ) throws(PostgresError) -> [QueryResult] {
    var results: [QueryResult] = []
    var firstError: PostgresError?
    while let result = PQgetResult(connection) {
      do throws(PostgresError) { results.append(try checked(result, connection, operation)) } catch
      {
        firstError = firstError ?? error
        if PQstatus(connection) == CONNECTION_BAD { break }
      }
    }
    if let firstError { throw firstError }
    if PQstatus(connection) == CONNECTION_BAD { throw lossOrLibrary(connection, operation) }
    return results
  }

  /// Reads results to their end; returns that of a copy, which others may follow.
  static func ofCopy(
    _ connection: OpaquePointer, _ operation: PostgresError.Operation
  ) throws(PostgresError) -> QueryResult? {
    try all(connection, operation).first
  }

  /// Ends a COPY that was not requested: data in is refused, data out thrown away.
  static func abandonCopy(_ connection: OpaquePointer) {
    while PQstatus(connection) == CONNECTION_OK {
      _ = PQputCopyEnd(connection, "not expected")
      discardCopyData(connection)
      guard let result = PQgetResult(connection) else { return }
      PQclear(result)
    }
  }

  /// Throws away what a copy out still sends.
  static func discardCopyData(_ connection: OpaquePointer) {
    var row: UnsafeMutablePointer<CChar>?
    while PQgetCopyData(connection, &row, 0) > 0 {
      PQfreemem(row)
      row = nil
    }
  }
}
