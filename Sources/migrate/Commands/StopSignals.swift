import Glibc
import MigrationCore
import Synchronization

/// Passes Ctrl+C and SIGTERM to a run.
enum StopSignals {
  private static let control = Mutex<RunControl?>(nil)

  /// Lets signals end the process again.
  static func release() { control.withLock { $0 = nil } }

  /// Passes signals to `target`. A thread waits for them, so that no signal handler is needed.
  static func lead(to target: RunControl) {
    control.withLock { $0 = target }
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGINT)
    sigaddset(&set, SIGTERM)
    // Later threads inherit the mask, so that only the waiting thread gets the signals.
    pthread_sigmask(SIG_BLOCK, &set, nil)
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { _ in
        StopSignals.wait()
        return nil
      }, nil)
    pthread_detach(thread)
  }

  private static func wait() {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGINT)
    sigaddset(&set, SIGTERM)
    var number: Int32 = 0
    while sigwait(&set, &number) == 0 {
      guard let target = control.withLock({ $0 }) else { return end(by: number) }
      if number == SIGTERM { target.terminate() } else { target.interrupt() }
    }
  }

  private static func end(by number: Int32) {
    signal(number, SIG_DFL)
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, number)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    kill(getpid(), number)
  }
}
