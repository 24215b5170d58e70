import Glibc

/// A thread of its own for blocking work, which libpq's calls are.
package final class WorkerThread: Sendable {
  /// The body and its thread; the body is handed to the thread once.
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private let thread: pthread_t

  /// Starts the work; it must be waited for with `join`.
  ///
  /// - Throws: An error of the kind `coded(.memory)` if the system gives no thread.
  package init(_ work: @escaping @Sendable () -> Void) throws(MigrationError) {
    var thread = pthread_t()
    let body = Unmanaged.passRetained(Body(work))
    let failure = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, body.toOpaque())
    guard failure == 0 else {
      body.release()
      throw MigrationError(
        .coded(.memory), "could not start a thread: errno \(failure)",
        remedy: "use fewer lanes, or raise the process limit: ulimit -u")
    }
    self.thread = thread
  }

  /// Waits until the work is done.
  package func join() { pthread_join(thread, nil) }

  /// Lets the calling thread sleep.
  package static func sleep(_ time: Duration) {
    let (seconds, attoseconds) = time.components
    guard seconds > 0 || attoseconds > 0 else { return }
    var wanted = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var rest = timespec()
    while nanosleep(&wanted, &rest) == -1 && errno == EINTR { wanted = rest }
  }

  /// Lets the calling thread sleep, but hardly longer than something holds.
  package static func sleep(_ time: Duration, while holds: () -> Bool) {
    let end = ContinuousClock.now + time
    while holds(), ContinuousClock.now < end {
      sleep(min(.milliseconds(2), end - .now))
    }
  }
}
