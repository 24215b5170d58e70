import MigrationBasics
import Synchronization

/// Looks at the health of a run's servers, once in an interval, and says what it finds.
///
/// The source is asked on a connection that the run has anyway. The target takes no further question: the
/// run's heartbeat goes there twice a second, and its times are read here.
final class HealthWatch: Sendable {
  private struct Found {
    var state = ServerHealth.State.answering
    var since = ContinuousClock.now
  }

  private let interval: Duration
  private let source: any RowSource
  private let signs: SignsOfLife
  private let observer: RunObserver
  private let found = Mutex<[DatabaseRole: Found]>([:])
  private let isStopped = Atomic<Bool>(false)
  private let thread = Mutex<WorkerThread?>(nil)

  init(
    every interval: Duration, source: any RowSource, target signs: SignsOfLife,
    _ observer: @escaping RunObserver
  ) {
    (self.interval, self.source) = (interval, source)
    (self.signs, self.observer) = (signs, observer)
  }

  func start() throws {
    let worker = try WorkerThread { [self] in watch() }
    thread.withLock { $0 = worker }
  }

  /// Ends the thread; an answer that is waited for is waited for no longer than it may take.
  func stop() {
    isStopped.store(true, ordering: .releasing)
    let worker = thread.withLock { $0.take() }
    worker?.join()
  }

  private func watch() {
    var next = ContinuousClock.now + interval
    while !isStopped.load(ordering: .acquiring) {
      if ContinuousClock.now >= next {
        next = .now + interval
        tell(.target, signs.state)
        if let state = sourceState() { tell(.source, state) }
      }
      WorkerThread.sleep(.milliseconds(50)) { !isStopped.load(ordering: .acquiring) }
    }
  }

  /// nil if there is no server to ask, or no connection yet.
  private func sourceState() -> ServerHealth.State? {
    let begun = ContinuousClock.now
    do {
      guard let answers = try source.answers(within: ServerHealth.patience) else { return nil }
      let time = ContinuousClock.now - begun
      if answers { return time >= ServerHealth.slow ? .slow(time) : .answering }
      return .silent(time)
    } catch {
      return .lost
    }
  }

  private func tell(_ role: DatabaseRole, _ state: ServerHealth.State) {
    let (before, now) = found.withLock { found -> (Found, ServerHealth.State) in
      let before = found[role] ?? Found()
      var state = state
      switch (before.state, state) {
      // Asked again, it is silent since it was asked first.
      case (.silent(let time), .silent(let more)):
        state = .silent(max(more, time + (ContinuousClock.now - before.since)))
      // What was waited for has come; how long it took was said.
      case (.silent, .slow): state = .answering
      default: break
      }
      found[role] = Found(state: state, since: .now)
      return (before, state)
    }
    observer(.health(ServerHealth(role: role, state: now, isNew: before.state.name != now.name)))
  }
}

/// How long the target takes for a run's signs of life.
final class SignsOfLife: Sendable {
  private struct Times {
    var begun: ContinuousClock.Instant?
    var last = Duration.zero
    var hasFailed = false
  }

  private let times = Mutex(Times())

  /// Notes how long `body` takes, and whether it fails.
  func time<Value>(_ body: () throws -> Value) rethrows -> Value {
    times.withLock { $0.begun = .now }
    do {
      let value = try body()
      end(failed: false)
      return value
    } catch {
      end(failed: true)
      throw error
    }
  }

  private func end(failed: Bool) {
    times.withLock { times in
      times.last = times.begun.map { .now - $0 } ?? .zero
      (times.begun, times.hasFailed) = (nil, failed)
    }
  }

  var state: ServerHealth.State {
    times.withLock { times in
      let waiting = times.begun.map { ContinuousClock.now - $0 } ?? .zero
      if waiting >= ServerHealth.patience { return .silent(waiting) }
      if times.hasFailed { return .lost }
      let time = max(waiting, times.last)
      return time >= ServerHealth.slow ? .slow(time) : .answering
    }
  }
}
