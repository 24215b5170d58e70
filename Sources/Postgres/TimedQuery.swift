import CPostgres

/// A statement that must be answered within a time, on a connection that no one else uses yet.
enum TimedQuery {
  static func ask(
    _ connection: OpaquePointer, _ statement: String, until deadline: Deadline
  ) throws(PostgresError) -> QueryResult {
    guard PQsendQuery(connection, statement) == 1 else {
      throw ResultReading.lossOrLibrary(connection, .connect)
    }
    while PQisBusy(connection) == 1 {
      guard Polling.wait(for: PQsocket(connection), .reading, until: deadline) == .ready else {
        throw PostgresError(
          .connect, .connect(.timedOut), "timed out while reading the session's settings")
      }
      guard PQconsumeInput(connection) == 1 else {
        throw ResultReading.lossOrLibrary(connection, .connect)
      }
    }
    guard let result = try ResultReading.all(connection, .connect).last else {
      throw ResultReading.lossOrLibrary(connection, .connect)
    }
    return result
  }
}
