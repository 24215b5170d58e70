import MigrationBasics
import Synchronization

/// The threads of a table's lanes; their number can be changed while they work.
package final class LanePool {
  private let around: Lane.Context
  private var threads: [Int: WorkerThread] = [:]
  /// The most lanes that this table may have; one if the order of rows decides.
  private let most: Int
  package private(set) var count: Int

  init(_ around: Lane.Context, count: Int, most: Int) {
    (self.around, self.most, self.count) = (around, most, max(1, min(count, most)))
  }

  package func start() throws {
    around.coordinator.allow(lanes: count)
    for number in 0..<count { try begin(number) }
  }

  /// Brings the crew to another number: lanes too many end after the current chunk.
  func adjust(to wished: Int) throws {
    let wished = max(1, min(wished, most))
    guard wished != count else { return }
    let before = count
    count = wished
    around.coordinator.allow(lanes: wished)
    // A lane that is still at its last chunk is waited for before its number is given out again.
    for number in before..<max(before, wished) {
      threads[number]?.join()
      try begin(number)
    }
  }

  package func join() { for thread in threads.values { thread.join() } }

  private func begin(_ number: Int) throws {
    // Counted before it runs: a busy machine may let a thread wait for a while.
    around.coordinator.laneBegins()
    do {
      threads[number] = try WorkerThread { [around] in
        Lane(number, around)?.run()
        around.coordinator.laneEnds()
      }
    } catch {
      around.coordinator.laneEnds()
      throw error
    }
  }
}
