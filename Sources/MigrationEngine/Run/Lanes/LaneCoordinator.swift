import MigrationBasics
import MigrationLedger
import MigrationRows
import Postgres
import Synchronization

/// State that the lanes of a table share with the run that supervises them.
package final class LaneCoordinator: Sendable {
  private struct State {
    var counts = ChunkCounts()
    var chunksDone = 0
    /// Rows that were loaded of each feed.
    var loaded: [Int: Int] = [:]
    /// Documents that were read for their elements, and elements that were found, of each feed.
    var documents: [Int: Int] = [:]
    var elements: [Int: Int] = [:]
    /// For each feed and watched value, whether a row had it.
    var hadValue: [Int: [Bool]] = [:]
    var careful: [Int: Int] = [:]
    var failure: (any Error)?
    var working = 0
    var lastCommit = ContinuousClock.now
  }

  package let control: RunControl
  let cancels = CancelRegistry()
  let tickets: ChunkTickets
  private let state = Mutex(State())
  private let allowed = Atomic<Int>(Int.max)

  init(_ control: RunControl, _ tickets: ChunkTickets) {
    (self.control, self.tickets) = (control, tickets)
  }

  /// Says how many lanes may claim chunks; those with higher numbers end after the current chunk.
  func allow(lanes: Int) { allowed.store(lanes, ordering: .releasing) }

  func mayWork(_ lane: Int) -> Bool {
    control.stopLevel == .keepRunning && lane < allowed.load(ordering: .acquiring)
  }

  /// How long a lane rests, so that the servers have the share of time that was asked for.
  package func rest(after work: Duration) -> Duration {
    let share = control.settings.throttle
    return work * share / (100 - share)
  }

  /// Rests, while the lane has nothing open.
  package func rest(_ lane: Int, for time: Duration) {
    guard time > .zero else { return }
    let end = ContinuousClock.now + time
    while ContinuousClock.now < end, mayWork(lane) {
      WorkerThread.sleep(min(.milliseconds(50), end - .now))
    }
  }

  func laneBegins() { state.withLock { $0.working += 1 } }
  func laneEnds() { state.withLock { $0.working -= 1 } }
  var lanesWorking: Int { state.withLock { $0.working } }

  /// Enters a chunk that is committed.
  package func committed(_ counts: ChunkCounts, feed: Int, documents: Int) {
    state.withLock { state in
      state.loaded[feed, default: 0] += counts.loaded
      state.documents[feed, default: 0] += documents
      state.elements[feed, default: 0] += counts.read
      state.counts.read += counts.read
      state.counts.loaded += counts.loaded
      state.counts.quarantined += counts.quarantined
      state.counts.warned += counts.warned
      state.chunksDone += 1
      state.lastCommit = .now
    }
  }

  /// What the lanes of this run have committed.
  package var committed: (counts: ChunkCounts, chunks: Int) {
    state.withLock { ($0.counts, $0.chunksDone) }
  }

  /// Enters which of a feed's watched values a lane's rows had.
  func noteValues(_ had: [Bool], feed: Int) {
    state.withLock { state in
      let before = state.hadValue[feed] ?? had
      state.hadValue[feed] = zip(before, had).map { $0 || $1 }
    }
  }

  /// The watched values that are null in every row that this run has loaded, and elements that no
  /// document has.
  package func alwaysNull(_ work: TableWork) -> [AlwaysNull] {
    state.withLock { state in
      work.feeds.flatMap { feed -> [AlwaysNull] in
        if let documents = state.documents[feed.number], documents > 0,
          state.elements[feed.number] == 0
        {
          return [.elements(feed.feed, documents: documents)]
        }
        guard let rows = state.loaded[feed.number], rows > 0,
          let had = state.hadValue[feed.number]
        else { return [] }
        return zip(feed.program.watched, had).compactMap { value, had in
          had
            ? nil : AlwaysNull(column: value.label, source: feed.feed.from, rows: rows)
        }
      }
    }
  }

  package var silence: Duration { state.withLock { ContinuousClock.now - $0.lastCommit } }

  /// Notes that the server refused rows of a chunk; returns how often that was so.
  func markCareful(_ chunk: Int) -> Int {
    state.withLock { state in
      state.careful[chunk, default: 0] += 1
      return state.careful[chunk] ?? 0
    }
  }

  func isCareful(_ chunk: Int) -> Bool { state.withLock { $0.careful[chunk] != nil } }

  /// Ends all lanes because of a failure; the first one counts.
  package func fail(_ error: any Error) {
    state.withLock { $0.failure = $0.failure ?? error }
    control.abandon()
    cancels.cancelAll()
  }

  package var failure: (any Error)? { state.withLock { $0.failure } }
}
