import CPostgres

/// How a transaction sees and treats the data.
public struct TransactionMode: Sendable, Hashable {
  /// The isolation levels that PostgreSQL distinguishes.
  public enum Isolation: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
  }

  public var isolation: Isolation
  public var readOnly: Bool

  public init(isolation: Isolation = .readCommitted, readOnly: Bool = false) {
    self.isolation = isolation
    self.readOnly = readOnly
  }

  var beginStatement: String {
    "BEGIN ISOLATION LEVEL \(isolation.rawValue) \(readOnly ? "READ ONLY" : "READ WRITE")"
  }
}

/// A transaction that was given up and could not even be rolled back.
///
/// Thrown only if the first error is of another type than `PostgresError`,
/// which keeps the failed rollback in itself.
public struct TransactionFailure: Error, CustomStringConvertible {
  /// The error that ended the transaction.
  public let cause: any Error
  /// The result of the rollback.
  public let rollbackFailure: PostgresError

  public var description: String { "\(cause); after that, \(rollbackFailure)" }
}

extension Connection {
  /// Begins a transaction that lasts until `commit` or `rollback`.
  public func begin(_ mode: TransactionMode = TransactionMode()) throws(PostgresError) {
    try execute(mode.beginStatement)
  }

  /// Commits, or says that it did not happen.
  ///
  /// Deferred triggers, which run now, find names along the session's own path.
  ///
  /// - Throws: `rolledBackInsteadOfCommitted` if a statement had failed before,
  ///   which the server answers with a success called ROLLBACK. If the
  ///   connection breaks meanwhile, `commitOutcomeUnknown` of the error is true.
  public func commit() throws(PostgresError) {
    let result = try handle.lend(.commit) { connection throws(PostgresError) in
      let canSet = PQtransactionStatus(connection) == PQTRANS_INTRANS
      let path = canSet ? "SET LOCAL search_path = \(facts.ownPath.text); " : ""
      return try ResultReading.checked(PQexec(connection, path + "COMMIT"), connection, .commit)
    }
    guard result.commandTag == "COMMIT" else { throw .rolledBackInsteadOfCommitted }
  }

  /// Rolls back; without a transaction it does nothing.
  public func rollback() throws(PostgresError) {
    _ = try handle.lend(.rollback) { connection throws(PostgresError) in
      try ResultReading.checked(PQexec(connection, "ROLLBACK"), connection, .rollback)
    }
  }

  /// Runs the body in a transaction: all of it is committed, or nothing.
  ///
  /// If the body or the commit fails, the transaction is rolled back and the
  /// first error thrown. A rollback that fails too is kept next to it.
  @discardableResult
  public func inTransaction<Value>(
    _ mode: TransactionMode = TransactionMode(), _ body: () throws -> Value
  ) throws -> Value {
    try begin(mode)
    do {
      let value = try body()
      try commit()
      return value
    } catch {
      throw rollingBack(after: error)
    }
  }

  func rollingBack(after first: any Error) -> any Error {
    do throws(PostgresError) {
      try rollback()
      return first
    } catch {
      guard var cause = first as? PostgresError else {
        return TransactionFailure(cause: first, rollbackFailure: error)
      }
      cause.rollbackFailures.append(error)
      return cause
    }
  }
}

extension PostgresError {
  static var rolledBackInsteadOfCommitted: PostgresError {
    PostgresError(
      .commit, .rolledBackInsteadOfCommitted,
      "a statement of the transaction had failed, so the server rolled it back")
  }
}
