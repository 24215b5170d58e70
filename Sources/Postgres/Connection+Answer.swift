import CPostgres

extension Connection {
  /// Asks the server for a sign of life, or waits on for the one that was asked for before.
  ///
  /// Until the answer has come, the connection takes no other statement.
  ///
  /// - Returns: Whether the answer came within the time.
  public func answers(within time: Duration) throws(PostgresError) -> Bool {
    try handle.lend(.query) { connection throws(PostgresError) in
      if PQtransactionStatus(connection) != PQTRANS_ACTIVE {
        guard PQsendQuery(connection, "SELECT 1") == 1 else {
          throw ResultReading.lossOrLibrary(connection, .query)
        }
      }
      let deadline = Deadline(after: time)
      while PQisBusy(connection) == 1 {
        guard Polling.wait(for: PQsocket(connection), .reading, until: deadline) == .ready else {
          return false
        }
        guard PQconsumeInput(connection) == 1 else {
          throw ResultReading.lossOrLibrary(connection, .query)
        }
      }
      _ = try ResultReading.all(connection, .query)
      return true
    }
  }
}
