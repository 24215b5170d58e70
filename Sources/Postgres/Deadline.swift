/// A moment on the monotonic clock by which something has to be done.
struct Deadline: Sendable {
  private let instant: ContinuousClock.Instant

  init(after duration: Duration) { instant = .now.advanced(by: duration) }

  /// Returns the time that is left, zero when it is up.
  var remaining: Duration { max(.zero, ContinuousClock.now.duration(to: instant)) }

  /// Returns a deadline for one of several tries that must share what is left.
  func share(of tries: Int) -> Deadline { Deadline(after: remaining / max(1, tries)) }

  /// Returns the time left as poll(2) wants it, rounded up so that it never spins.
  var pollMilliseconds: Int32 {
    Int32(clamping: remaining.milliseconds + (remaining > .zero ? 1 : 0))
  }
}

extension Duration {
  /// Returns the whole milliseconds.
  var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    return overflow
      ? Int64.max
      : product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000).partialValue
  }
}
