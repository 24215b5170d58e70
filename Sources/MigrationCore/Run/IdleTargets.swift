import Postgres
import Synchronization

/// Target connections that no lane needs at the moment, for the next lane or index.
///
/// Each new one costs the server a process and both sides the proof of the password, which takes longer
/// than a small table.
final class IdleTargets: Sendable {
  private let ledgers = Mutex<[Ledger]>([])

  /// Returns a connection that answers, whose statements may take so long.
  ///
  /// - Parameter timeout: nil is the server's own limit.
  func take(timeout: Duration?) -> Ledger? {
    while let ledger = ledgers.withLock({ $0.popLast() }) {
      if (try? ledger.connection.limitStatements(to: timeout)) != nil { return ledger }
    }
    return nil
  }

  /// Keeps a connection, unless something is still going on in it.
  func keep(_ ledger: Ledger) {
    guard ledger.connection.isUsable, (try? ledger.connection.transactionState()) == .idle else {
      return
    }
    ledgers.withLock { $0.append(ledger) }
  }

  func drop() { ledgers.withLock { $0 = [] } }
}
