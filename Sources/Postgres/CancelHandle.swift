import CPostgres

/// Cancels what a connection is doing, from any thread.
///
/// "PQcancel is thread-safe in regard to the connection": the handle is a copy
/// of address and key, never changed, and outlives the connection harmlessly.
/// https://www.postgresql.org/docs/current/libpq-cancel.html
public final class CancelHandle: @unchecked Sendable {
  // Never written after init, and PQcancel only reads it.
  private let cancel: OpaquePointer
  private let live = LiveHandle()

  init(owning cancel: OpaquePointer) { self.cancel = cancel }

  deinit { PQfreeCancel(cancel) }

  /// Asks the server to cancel the statement of the connection, if one runs.
  ///
  /// The request goes over a connection of its own and is not answered. The
  /// statement ends with `SQLState.queryCanceled` unless it was just done.
  public func send() throws(PostgresError) {
    let failure = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) {
      buffer -> String? in
      guard let base = buffer.baseAddress else { return "" }
      base.initialize(to: 0)
      let sent = PQcancel(cancel, base, Int32(buffer.count)) == 1
      return sent ? nil : String(cString: base)
    }
    if let failure { throw PostgresError(.cancel, .cancelFailed, firstLine(failure)) }
  }
}
