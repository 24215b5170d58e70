import Synchronization

/// Counts what is allocated in C and not yet released.
///
/// Each owner keeps the counter that was current when it was made, so that a
/// test can count its own handles while others run next to it.
final class LiveHandles: Sendable {
  @TaskLocal static var current = LiveHandles()

  private let live = Atomic<Int>(0)

  /// Returns how many handles are alive.
  var count: Int { live.load(ordering: .sequentiallyConsistent) }

  fileprivate func add(_ change: Int) { live.add(change, ordering: .sequentiallyConsistent) }
}

/// Counts as one live handle from its birth to its end; an owner holds one.
struct LiveHandle: ~Copyable, Sendable {
  private let counter: LiveHandles

  init() {
    counter = .current
    counter.add(1)
  }

  deinit { counter.add(-1) }
}
