import Glibc
import Synchronization

/// Ends connections on which server and program wait for each other, which neither would ever end.
///
/// That happens if a message was damaged on the way: its length says more
/// than comes, and its receiver waits for the rest. TCP finds nothing wrong,
/// and no limit of the server counts, because it has answered, or waits for its
/// client. So if a call waits and nothing moves on its socket, the server is
/// asked over another connection what the session does. Only if it twice waits
/// for its client is the connection ended: a server that works, waits for a lock
/// or writes is left alone, and so is a program that is busy between two calls.
final class HungCallMonitor: Sendable {
  static let shared = HungCallMonitor()

  private struct State {
    var newcomers: [WatchedCalls] = []
    var isRunning = false
  }

  private let state = Mutex(State())

  /// Watches the calls of a connection until it is closed.
  func add(_ calls: WatchedCalls) {
    state.withLock { state in
      state.newcomers.append(calls)
      if state.isRunning { return }
      // Without a thread there is no watch, and all continues as it would without one.
      state.isRunning = startThread { self.run() }
      if !state.isRunning { state.newcomers = [] }
    }
  }

  private func run() {
    // Signals are for the threads that wait for them.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    var watched: [MonitoredCall] = []
    while true {
      sleep(1)
      watched += takeNewcomers().map(MonitoredCall.init)
      watched.removeAll { $0.calls.isClosed }
      for index in watched.indices { watched[index].look() }
    }
  }

  private func takeNewcomers() -> [WatchedCalls] {
    state.withLock { state in
      defer { state.newcomers = [] }
      return state.newcomers
    }
  }
}

/// What the watch knows of the call that one connection is in.
private struct MonitoredCall {
  let calls: WatchedCalls
  private var number: UInt?
  private var nextQuestion = ContinuousClock.now
  private var isSuspected = false

  init(_ calls: WatchedCalls) { self.calls = calls }

  mutating func look() {
    let patience = calls.session.patience
    guard let current = calls.current, current == number else {
      number = calls.current
      return ask(in: patience)
    }
    guard isSilent else { return isSuspected = false }
    guard ContinuousClock.now >= nextQuestion else { return }
    guard BackendEnquiry(calls.session).waitsForClient() else { return ask(in: patience) }
    // What was on its way has come meanwhile, if anything was.
    guard calls.current == number, isSilent else { return ask(in: patience) }
    if isSuspected { calls.cutConnection() }
    ask(in: patience / 4)
    isSuspected = true
  }

  private var isSilent: Bool {
    guard let silence = calls.session.socket?.silence() else { return false }
    return silence >= calls.session.patience
  }

  private mutating func ask(in time: Duration) {
    nextQuestion = .now + time
    isSuspected = false
  }
}
