import CPostgres

/// A session with a PostgreSQL server.
///
/// One thread at a time: a connection may be handed from thread to thread, but a
/// call that meets another one under way fails with `PostgresError.Kind.busy`,
/// and so does any call while a copy owns the connection. Calls block; they
/// belong on threads of their own, never on Swift's cooperative pool. The only
/// thing to use from another thread meanwhile is a `CancelHandle`.
///
/// A connection ends with its last reference or with `close()`. It never
/// reconnects on its own: a new session has lost locks, snapshot and transaction,
/// and who uses it has to know. SIGPIPE is no danger, because libpq sends with
/// MSG_NOSIGNAL.
public final class Connection: Sendable {
  let handle: LibpqHandle
  /// What is known of the session since its beginning.
  public let facts: SessionFacts
  /// The limit for statements that the session began with; nil is the server's own.
  let statementTimeout: Duration?

  /// Connects within the time that the options allow.
  ///
  /// The session has the settings of `SessionSetting.all`, which one round trip sets and reads back.
  ///
  /// - Throws: `PostgresError` of kind `connect`, with the reason.
  public init(
    to target: ConnectionString, options: ConnectionOptions = ConnectionOptions()
  ) throws(PostgresError) {
    let plan = try ConnectPlan(target, options)
    let connector = Connector(plan)
    let connection = try connector.connect()
    do throws(PostgresError) {
      let setup = SessionSetup(
        plan: plan, options: options, connection: connection, deadline: connector.deadline)
      facts = SessionFacts(reading: connection, try setup.run())
    } catch {
      PQfinish(connection)
      throw error
    }
    statementTimeout = options.statementTimeout
    let session = WatchedSession(
      backendPID: facts.backendPID, patience: options.standstillPatience,
      plan: plan.again(at: facts), socket: WatchedSocket(PQsocket(connection)))
    handle = LibpqHandle(owning: connection, notices: options.onNotice, session: session)
  }

  /// Takes texts as they are stored, if the database knows no encoding of theirs.
  ///
  /// A server whose encoding is SQL_ASCII converts nothing, and sends no row with a text that is not
  /// in the encoding of the session.
  public func takeTextsAsStored() throws(PostgresError) {
    guard facts.serverEncoding == "SQL_ASCII" else { return }
    try execute("SET client_encoding = 'SQL_ASCII'")
  }

  /// Whether a call has a chance: false after `close()` or once the connection was lost.
  ///
  /// A loss shows with the first call after it, not before.
  public var isUsable: Bool { handle.isUsable }

  /// The state of the session's transaction.
  public enum TransactionState: Sendable {
    case idle, active, inTransaction, inFailedTransaction, unknown
  }

  /// Returns the state of the session's transaction, as far as libpq knows.
  public func transactionState() throws(PostgresError) -> TransactionState {
    try handle.lend(.query) { connection in
      switch PQtransactionStatus(connection) {
      case PQTRANS_IDLE: .idle
      case PQTRANS_ACTIVE: .active
      case PQTRANS_INTRANS: .inTransaction
      case PQTRANS_INERROR: .inFailedTransaction
      default: .unknown
      }
    }
  }

  /// Ends the session now instead of with the last reference.
  ///
  /// An open transaction is rolled back by the server. Closing twice does nothing.
  public func close() throws(PostgresError) { try handle.close() }

  /// Returns a handle with which another thread can cancel what runs here.
  ///
  /// Take it before the call that may have to be cancelled: meanwhile the
  /// connection is busy.
  public func cancelHandle() throws(PostgresError) -> CancelHandle {
    try handle.lendToStream(.cancel) { connection throws(PostgresError) in
      guard let cancel = PQgetCancel(connection) else { throw .outOfMemory(.cancel) }
      return CancelHandle(owning: cancel)
    }
  }
}
