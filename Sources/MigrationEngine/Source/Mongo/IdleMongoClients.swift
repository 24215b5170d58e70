import Mongo
import Synchronization

/// Idle connections, for the next reader.
///
/// Each new one costs both sides the authentication, which takes longer than a small table.
final class IdleMongoClients: Sendable {
  /// A client moves to another thread between its calls only.
  private struct Idle: @unchecked Sendable {
    let client: MongoClient
    let timeout: Duration?
    /// Whether it stays for the questions about the server's health.
    let isForHealth: Bool
    let since = ContinuousClock.now
  }

  private let clients = Mutex<[Idle]>([])

  /// Returns a connection whose operations may wait so long, and which answers.
  ///
  /// If there is none, one of another time is closed, as the caller opens a new one: a changed time does not make the
  /// connections more.
  func take(timeout: Duration?) -> MongoClient? {
    while let client = pop(timeout) {
      if client.isServing { return client }
    }
    closeOne()
    return nil
  }

  func keep(_ client: MongoClient, timeout: Duration?, isForHealth: Bool = false) {
    let idle = Idle(client: client, timeout: timeout, isForHealth: isForHealth)
    clients.withLock { $0.append(idle) }
  }

  /// Closes the connections that nothing has needed for so long.
  func close(idleFor time: Duration) {
    let oldest = ContinuousClock.now - time
    // They are closed after the lock is given back.
    _ = clients.withLock { clients in
      defer { clients.removeAll { $0.since < oldest } }
      return clients.filter { $0.since < oldest }
    }
  }

  private func closeOne() {
    // It is closed after the lock is given back.
    _ = clients.withLock { clients in
      clients.firstIndex { !$0.isForHealth }.map { clients.remove(at: $0) }
    }
  }

  func drop() { clients.withLock { $0 = [] } }

  /// Returns a connection without asking whether it answers.
  func pop(_ timeout: Duration?) -> MongoClient? {
    clients.withLock { clients -> Idle? in
      clients.lastIndex { $0.timeout == timeout }.map { clients.remove(at: $0) }
    }?.client
  }
}
