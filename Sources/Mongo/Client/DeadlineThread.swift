import Glibc

/// Runs blocking work on a thread of its own, and stops waiting for it when the time is up.
///
/// Work that is late goes on to its end unseen, and what it returns is dropped there. That is the
/// only way to bound calls which take no timeout, such as a name lookup.
final class DeadlineThread<Result>: @unchecked Sendable {
  // `result`, `finished` and `abandoned` are guarded by `mutex`.
  private var result: Result?
  private var finished = false
  private var abandoned = false
  private let work: @Sendable () -> Result
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private init(_ work: @escaping @Sendable () -> Result) {
    self.work = work
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Returns what the work returns, or nil when it is not done in time.
  static func run(within timeout: Duration, _ work: @escaping @Sendable () -> Result) -> Result? {
    let task = DeadlineThread(work)
    guard task.start() else { return work() }
    return task.wait(timeout)
  }

  private func start() -> Bool {
    var thread = pthread_t()
    let body = Unmanaged.passRetained(ThreadBody { [self] in perform() })
    let failure = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, body.toOpaque())
    guard failure == 0 else {
      body.release()
      return false
    }
    pthread_detach(thread)
    return true
  }

  private func perform() {
    let value = work()
    pthread_mutex_lock(mutex)
    if !abandoned { result = value }
    finished = true
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  private func wait(_ timeout: Duration) -> Result? {
    var end = Self.now(plus: timeout)
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while !finished {
      if pthread_cond_timedwait(condition, mutex, &end) == ETIMEDOUT { break }
    }
    abandoned = !finished
    defer { result = nil }
    return result
  }

  private static func now(plus timeout: Duration) -> timespec {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let nanoseconds = Int64(now.tv_nsec) + Int64(timeout.components.attoseconds / 1_000_000_000)
    return timespec(
      tv_sec: now.tv_sec + Int(timeout.components.seconds) + Int(nanoseconds / 1_000_000_000),
      tv_nsec: Int(nanoseconds % 1_000_000_000))
  }
}

/// Carries a closure through `pthread_create`, whose C function cannot be generic.
private final class ThreadBody {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}
