/// Keeps reading under a number of rows a second.
package struct Throttle {
  package let rate: Int?
  private let start = ContinuousClock.now
  private var rows = 0

  package init(_ rate: Int?) { self.rate = rate }

  package mutating func tookRow() {
    rows += 1
    guard let rate, rows % max(1, rate / 20) == 0 else { return }
    let due = start + .seconds(Double(rows) / Double(rate))
    let wait = due - .now
    if wait > .zero { WorkerThread.sleep(wait) }
  }
}
