import MigrationLedger
import Postgres
import Synchronization

/// Target connections that no lane needs now, for the next lane or index.
///
/// Each new one costs the server a process and both sides the authentication, which takes longer
/// than a small table.
final class IdleTargets: Sendable {
  private struct Idle {
    let ledger: Ledger
    /// How long its statements may take; nil is the server's own limit.
    let timeout: Duration?
    let since: ContinuousClock.Instant
  }

  private let idle = Mutex<[Idle]>([])

  /// Returns a connection that answers, or did a moment ago, whose statements may take so long.
  ///
  /// - Parameter timeout: nil is the server's own limit.
  func take(timeout: Duration?) -> Ledger? {
    while let found = next(timeout) {
      if found.timeout == timeout, .now - found.since < .seconds(1) { return found.ledger }
      if (try? found.ledger.connection.limitStatements(to: timeout)) != nil { return found.ledger }
    }
    return nil
  }

  private func next(_ timeout: Duration?) -> Idle? {
    idle.withLock { idle in
      guard let place = idle.lastIndex(where: { $0.timeout == timeout }) else {
        return idle.popLast()
      }
      return idle.remove(at: place)
    }
  }

  /// Keeps a connection, unless something is still going on in it.
  ///
  /// - Parameter timeout: how long its statements may take.
  func keep(_ ledger: Ledger, timeout: Duration?) {
    guard ledger.connection.isUsable, (try? ledger.connection.transactionState()) == .idle else {
      return
    }
    idle.withLock { $0.append(Idle(ledger: ledger, timeout: timeout, since: .now)) }
  }

  func drop() { idle.withLock { $0 = [] } }
}
