import Glibc
import Synchronization

/// Ends the process, naming the input, when one input takes too long or crashes it.
enum Watchdog {
  private static let current = Atomic<UInt64>(0)
  private static let startedAt = Atomic<Int>(0)
  private static let limit = 10

  /// Notes that the input of a seed is about to be decoded.
  static func begin(seed: UInt64) {
    current.store(seed, ordering: .relaxed)
    startedAt.store(time(nil), ordering: .relaxed)
  }

  /// Starts looking after the inputs, from a thread of its own and from the signals of a crash.
  static func start() {
    startedAt.store(time(nil), ordering: .relaxed)
    for number in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE] {
      signal(number) { number in
        Watchdog.report("crash")
        signal(number, SIG_DFL)
        raise(number)
      }
    }
    var thread = pthread_t()
    pthread_create(&thread, nil, { _ in Watchdog.watch() }, nil)
  }

  private static func watch() -> UnsafeMutableRawPointer? {
    while true {
      sleep(1)
      if time(nil) - startedAt.load(ordering: .relaxed) > limit {
        report("hang")
        exit(1)
      }
    }
  }

  /// Writes without allocating, as a signal handler must.
  private static func report(_ what: StaticString) {
    write(2, what.utf8Start, what.utf8CodeUnitCount)
    let text: StaticString = "; repeat with: --count 1 --seed "
    write(2, text.utf8Start, text.utf8CodeUnitCount)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 21) { digits in
      var rest = current.load(ordering: .relaxed)
      var place = 20
      digits[place] = UInt8(ascii: "\n")
      repeat {
        place -= 1
        digits[place] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      } while rest > 0
      write(2, digits.baseAddress.map { $0 + place }, 21 - place)
    }
  }
}
