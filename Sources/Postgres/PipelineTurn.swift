import CPostgres
import Glibc

/// One pass of a pipeline through libpq, on a connection that is lent for it.
///
/// A blocking libpq reads what has come while it can't send, so that neither side waits for the other
/// with full buffers.
/// https://www.postgresql.org/docs/current/libpq-pipeline-mode.html
struct PipelineTurn {
  private let connection: OpaquePointer
  /// How many statements there are, and whether the last one commits.
  private let count: Int
  private let commits: Bool
  private var results: [QueryResult] = []
  private var firstError: PostgresError?

  init(_ connection: OpaquePointer, count: Int, commits: Bool) {
    (self.connection, self.count, self.commits) = (connection, count, commits)
    results.reserveCapacity(count)
  }

  func begin() throws(PostgresError) {
    guard PQenterPipelineMode(connection) == 1 else { throw lossOrLibrary() }
  }

  /// Sends one statement; it may wait in libpq's memory until `end`.
  func send(
    _ sql: String, _ parameters: ParameterList, _ format: ValueFormat
  ) throws(PostgresError) {
    let sent = parameters.lend { types, values, lengths, formats in
      PQsendQueryParams(
        connection, sql, parameters.count, types, values, lengths, formats, format.rawValue)
    }
    guard sent == 1 else { throw givingUp(lossOrLibrary()) }
  }

  /// Ends the pass, and returns the result of each statement.
  mutating func end() throws(PostgresError) -> [QueryResult] {
    guard PQpipelineSync(connection) == 1 else { throw givingUp(lossOrLibrary()) }
    try readToSync()
    guard PQexitPipelineMode(connection) == 1 else { throw givingUp(lossOrLibrary()) }
    if let firstError {
      let isOpen = PQtransactionStatus(connection) != PQTRANS_IDLE
      throw noted(firstError, isOpen ? .inFailedTransaction : .undone)
    }
    return results
  }

  /// Reads results until the server says that there are no more; nil parts those of one statement from the next's.
  private mutating func readToSync() throws(PostgresError) {
    var wasNil = false
    while true {
      guard let result = PQgetResult(connection) else {
        if wasNil || PQstatus(connection) == CONNECTION_BAD { throw givingUp(lossOrLibrary()) }
        wasNil = true
        continue
      }
      wasNil = false
      switch PQresultStatus(result) {
      case PGRES_PIPELINE_SYNC:
        PQclear(result)
        return
      case PGRES_PIPELINE_ABORTED: PQclear(result)
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        PQclear(result)
        throw givingUp(.copyInPipeline)
      default: take(result)
      }
    }
  }

  private mutating func take(_ result: OpaquePointer) {
    do throws(PostgresError) {
      results.append(try ResultReading.checked(result, connection, operation))
    } catch { firstError = firstError ?? error }
  }

  /// What the statement does whose result is read.
  private var operation: PostgresError.Operation {
    commits && results.count == count - 1 ? .commit : .query
  }

  /// Makes the error for a call without a result. A COMMIT behind a statement that failed does not run.
  private func lossOrLibrary() -> PostgresError {
    let isCommitOpen = commits && (firstError?.connectionLost ?? true)
    let operation = isCommitOpen ? PostgresError.Operation.commit : .query
    let known = firstError.flatMap { $0.connectionLost ? $0.report : nil }
    let error = ResultReading.lossOrLibrary(connection, operation)
    guard let known, error.connectionLost else { return error }
    return PostgresError(operation, .connectionLost, known.message, report: known)
  }

  /// Ends the connection: the statements that were sent can be neither withdrawn nor completed.
  private func givingUp(_ error: PostgresError) -> PostgresError {
    shutdown(PQsocket(connection), Int32(SHUT_RDWR))
    while PQstatus(connection) == CONNECTION_OK, PQconsumeInput(connection) == 1 {}
    return noted(error, .lost)
  }

  private func noted(
    _ error: PostgresError, _ earlier: Pipeline.Failure.Earlier
  ) -> PostgresError {
    var error = error
    error.pipelineFailure = Pipeline.Failure(index: results.count, earlier: earlier)
    return error
  }
}

extension PostgresError {
  static var copyInPipeline: PostgresError {
    PostgresError(.query, .unexpectedStatement, "a pipeline cannot contain a COPY")
  }
}
