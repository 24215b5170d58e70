import CPostgres
import Synchronization

/// Owns one libpq connection, and lends it to one call at a time.
///
/// libpq forbids two threads in one connection at once. The handle enforces it:
/// a second call gets the error `busy` instead of a data race.
final class LibpqHandle: @unchecked Sendable {
  // Written by init and close alone, read inside `lend` alone: one thread at a time.
  private var connection: OpaquePointer?
  private let calls: WatchedCalls
  private let streaming = Atomic<Bool>(false)
  private let lost = Atomic<Bool>(false)
  private let receiver: NoticeReceiver
  private let live = LiveHandle()

  init(owning connection: OpaquePointer, notices handler: NoticeHandler?, session: WatchedSession) {
    self.connection = connection
    calls = WatchedCalls(session)
    receiver = NoticeReceiver(handler)
    receiver.attach(to: connection)
  }

  deinit {
    calls.close()
    PQfinish(connection)
  }

  /// Whether a call has a chance to succeed; false once the connection was seen to be lost.
  var isUsable: Bool { !lost.load(ordering: .acquiring) }

  /// Whether a copy owns the connection until it has ended.
  var isStreaming: Bool { streaming.load(ordering: .acquiring) }

  /// Lends the connection for one call; the pointer must not outlive the closure.
  func lend<Value>(
    _ operation: PostgresError.Operation,
    _ body: (OpaquePointer) throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value {
    guard !isStreaming else { throw .busy(operation, "a copy is still running") }
    return try lendToStream(operation, body)
  }

  /// Lends the connection to the copy that owns it.
  func lendToStream<Value>(
    _ operation: PostgresError.Operation,
    _ body: (OpaquePointer) throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value {
    guard calls.begin() else {
      throw .busy(operation, "another call is still running")
    }
    defer { calls.end() }
    guard let connection else {
      throw PostgresError(operation, .closed, "the connection is closed")
    }
    defer { noteLoss(connection) }
    do throws(PostgresError) { return try body(connection) } catch {
      guard error.connectionLost else { throw error }
      lost.store(true, ordering: .releasing)
      throw calls.isCut ? .standstill(operation) : error
    }
  }

  func beginStreaming() { streaming.store(true, ordering: .releasing) }
  func endStreaming() { streaming.store(false, ordering: .releasing) }

  /// Ends the session; calls after it fail with `closed`.
  func close() throws(PostgresError) {
    guard calls.begin() else {
      throw .busy(.close, "another call is still running")
    }
    defer { calls.end() }
    lost.store(true, ordering: .releasing)
    calls.close()
    PQfinish(connection)
    connection = nil
  }

  private func noteLoss(_ connection: OpaquePointer) {
    if PQstatus(connection) == CONNECTION_BAD { lost.store(true, ordering: .releasing) }
  }

  /// Begins a connection without waiting for it; nil if there is no memory.
  static func startConnecting(_ settings: [String: String]) -> OpaquePointer? {
    let ordered = settings.sorted { $0.key < $1.key }
    return withCStrings(ordered.map(\.key)) { keywords in
      withCStrings(ordered.map(\.value)) { values in
        // 0: a dbname that looks like a connection string is a name all the same.
        PQconnectStartParams(keywords, values, 0)
      }
    }
  }
}

extension PostgresError {
  static func busy(_ operation: Operation, _ what: String) -> PostgresError {
    PostgresError(operation, .busy, "the connection is in use: \(what)")
  }

  /// The watch has ended the connection, of which libpq knows only that it is gone.
  static func standstill(_ operation: Operation) -> PostgresError {
    PostgresError(
      operation, .connectionLost,
      "server and client waited for each other, as after a damaged message; "
        + "the connection was abandoned")
  }

  static func outOfMemory(_ operation: Operation) -> PostgresError {
    PostgresError(operation, .library, "libpq has no memory left")
  }
}
