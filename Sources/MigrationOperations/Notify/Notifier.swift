import MigrationBasics
import Synchronization

/// Sends notifications from a thread of its own: no other thread waits for them.
package final class Notifier: Sendable {
  /// How notifications are sent.
  package struct Options: Sendable {
    package var channels: [NotifyChannel]
    package var events: Set<NotifyEvent>
    /// For one try, and for all that is left when the program ends.
    package var limit: Duration
    package var retries: Int
    package var redactor: Redactor

    package init(
      channels: [NotifyChannel], events: Set<NotifyEvent>, limit: Duration, retries: Int,
      redactor: Redactor
    ) {
      (self.channels, self.events) = (channels, events)
      (self.limit, self.retries, self.redactor) = (limit, retries, redactor)
    }
  }

  /// A notification that could not be delivered.
  package struct Undelivered: Sendable, Hashable {
    package let event: NotifyEvent
    package let why: String
  }

  private struct State {
    var waiting: [Notification] = []
    var inHand: Notification?
    var isEnding = false
    var undelivered: [Undelivered] = []
    var delivered = 0
  }

  /// More than this are not queued for a receiver that does not answer.
  private static let mostWaiting = 500
  private static let firstWait = Duration.seconds(1)

  private let options: Options
  private let state = Mutex(State())
  private let thread = Mutex<WorkerThread?>(nil)
  private let abandoned = AbandonFlag()

  package init(_ options: Options) { self.options = options }

  /// Queues a notification if its event is enabled; returns at once.
  package func post(_ notification: Notification) {
    guard !options.channels.isEmpty,
      notification.event.isByHand || options.events.contains(notification.event)
    else { return }
    state.withLock { state in
      if state.waiting.count >= Self.mostWaiting {
        let oldest = state.waiting.removeFirst()
        state.undelivered.append(
          Undelivered(event: oldest.event, why: "too many notifications were waiting"))
      }
      state.waiting.append(notification)
    }
    begin()
  }

  private func begin() {
    thread.withLock { thread in
      guard thread == nil else { return }
      thread = try? WorkerThread { [self] in work() }
    }
  }

  /// Waits for what is not delivered yet, but not for long; returns what never was.
  package func finish() -> (delivered: Int, undelivered: [Undelivered]) {
    let deadline = ContinuousClock.now + options.limit
    state.withLock { $0.isEnding = true }
    while ContinuousClock.now < deadline, isBusy { WorkerThread.sleep(.milliseconds(10)) }
    abandoned.abandon()
    let worker = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    worker?.join()
    return state.withLock { state in
      let rest = state.waiting.map { Undelivered(event: $0.event, why: "not delivered in time") }
      return (state.delivered, state.undelivered + rest)
    }
  }

  private var isBusy: Bool { state.withLock { !$0.waiting.isEmpty || $0.inHand != nil } }

  private func work() {
    while !abandoned.isAbandoned {
      let next = state.withLock { state -> Notification? in
        state.inHand = state.waiting.isEmpty ? nil : state.waiting.removeFirst()
        return state.inHand
      }
      guard let next else {
        if state.withLock({ $0.isEnding }) { return }
        WorkerThread.sleep(.milliseconds(20))
        continue
      }
      let failures = options.channels.compactMap { deliver(next, through: $0) }
      state.withLock { state in
        state.inHand = nil
        state.delivered += failures.isEmpty ? 1 : 0
        state.undelivered += failures.map { Undelivered(event: next.event, why: $0) }
      }
    }
  }

  /// Tries until it is delivered or there is no hope; returns why it was not.
  private func deliver(_ notification: Notification, through channel: NotifyChannel) -> String? {
    let body = notification.json(options.redactor).compact
    var (tries, wait) = (0, Self.firstWait)
    while true {
      let answer = channel.send(
        body, notification.event, limit: options.limit, while: abandoned)
      guard case .failed(let why, let mayPass) = answer else { return nil }
      tries += 1
      let told = "\(channel.name): \(options.redactor.scrub(why))"
      guard mayPass, tries <= options.retries, !abandoned.isAbandoned else {
        return tries > 1 ? "\(told) (\(tries) tries)" : told
      }
      let end = ContinuousClock.now + wait
      while ContinuousClock.now < end, !abandoned.isAbandoned {
        WorkerThread.sleep(.milliseconds(20))
      }
      wait = min(wait * 2, .seconds(30))
    }
  }
}
