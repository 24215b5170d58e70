/// How long to wait before the next try: twice as long each time, never at the same time as others.
struct Backoff: Sendable {
  var first = Duration.milliseconds(500)
  var longest = Duration.seconds(30)

  /// Returns the wait after a number of failures in a row, from 1 on.
  ///
  /// Half of it is left to chance, so that lanes that fell together do not come back together.
  func wait(after failures: Int) -> Duration {
    let full = min(longest, first * (1 << min(max(failures - 1, 0), 16)))
    return full / 2 + full / 2 * Double.random(in: 0...1)
  }
}
