import Synchronization

/// The calls of one connection: one at a time, and each known to the watch by its number.
final class WatchedCalls: Sendable {
  /// Counts the beginnings and the ends of calls: odd while one is under way.
  private let count = Atomic<UInt>(0)
  private let closed = Atomic<Bool>(false)
  private let cut = Atomic<Bool>(false)

  let session: WatchedSession

  init(_ session: WatchedSession) {
    self.session = session
    if session.socket != nil { HungCallMonitor.shared.add(self) }
  }

  /// Returns false if another call is under way.
  func begin() -> Bool {
    let before = count.load(ordering: .relaxed)
    guard before.isMultiple(of: 2) else { return false }
    return count.compareExchange(
      expected: before, desired: before &+ 1, ordering: .acquiring
    ).exchanged
  }

  func end() { count.store(count.load(ordering: .relaxed) &+ 1, ordering: .releasing) }

  /// The number of the call that is under way, if one is.
  var current: UInt? {
    let now = count.load(ordering: .acquiring)
    return now.isMultiple(of: 2) ? nil : now
  }

  /// Whether there will be no more calls, so that the watch can forget the connection.
  var isClosed: Bool { closed.load(ordering: .acquiring) }
  func close() { closed.store(true, ordering: .releasing) }

  /// Whether the watch has ended the connection.
  var isCut: Bool { cut.load(ordering: .acquiring) }

  /// Ends the connection under the call that waits, which returns with a lost connection.
  func cutConnection() {
    cut.store(true, ordering: .releasing)
    session.socket?.shutDown()
  }
}

/// What the watch has to know of a session, so as to ask for it over another connection.
struct WatchedSession: Sendable {
  let backendPID: Int32
  let connectedAt = ContinuousClock.now
  /// How long both sides may be silent before the server is asked what it waits for.
  let patience: Duration
  /// Leads to the very server of the session.
  let plan: ConnectPlan
  /// Nil for a Unix socket, on which no byte is damaged and nothing lies between.
  let socket: WatchedSocket?
}
