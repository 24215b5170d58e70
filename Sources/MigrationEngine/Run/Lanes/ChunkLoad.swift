import Glibc
import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Moves the rows of one chunk inside the transaction that has claimed it.
struct ChunkLoad {
  let work: TableWork
  let sink: RowSink
  let source: any RowReader
  let ledger: Ledger
  private var target: Connection { ledger.connection }

  /// Reads, transforms and writes at once, row by row; only the current rows are held.
  ///
  /// - Parameter beginning: the statements that begin the transaction and claim the chunk, if that is not done.
  /// - Throws: `ChunkNotFree` if the chunk could not be claimed.
  func run(_ chunk: Chunk, beginning: String? = nil) throws -> ChunkCounts {
    let feed = work.feeds[chunk.feed]
    var clock = PhaseClock()
    sink.begin(chunk)
    let readBack = try ReadBack(feed, work, target)
    let copy =
      try readBack.map { try target.copyInOnOwnPath($0.copyStatement) }
      ?? begin(feed, after: work.mark(chunk, ledger), beginning)
    feed.program.copyForm.begin(sink.buffer)
    try source.read(feed, .chunk(chunk.range)) { row in
      sink.take(row) { _ in }
      if sink.buffer.isFull { try clock.target { try copy.send(sink.buffer) } }
    }
    feed.program.copyForm.end(sink.buffer)
    let taken = try clock.target {
      try copy.send(sink.buffer)
      let taken = try copy.finish()
      guard let readBack else { return taken }
      return sink.settle(try readBack.finish(after: work.mark(chunk, ledger)))
    }
    try Self.check(taken, sink.loaded, work.name)
    var counts = sink.counts
    clock.enter(into: &counts.phases)
    return counts
  }

  private func begin(_ feed: FeedWork, after mark: String, _ beginning: String?) throws -> CopyIn {
    guard let beginning else { return try target.copyInOnOwnPath(feed.copyStatement, after: mark) }
    return try Self.begin("\(beginning); \(mark)") {
      try target.copyInOnOwnPath(feed.copyStatement, after: $0)
    }
  }

  /// Begins the transaction of a chunk that is claimed by its first statements.
  static func begin<Begun>(
    _ statements: String, _ run: (String) throws -> Begun
  ) throws -> Begun {
    do { return try run(statements) } catch let error as PostgresError
      where error.sqlState == .divisionByZero
    {
      throw ChunkNotFree()
    }
  }

  /// Compares the rows that were sent with those that the server says it took.
  static func check(_ taken: Int, _ sent: Int, _ table: QualifiedName) throws {
    guard taken == sent else {
      throw MigrationError(
        .coded(.corruption),
        "\(CountText.of(sent, "row was", "rows were")) sent, and the server accepted \(GroupedNumber.text(taken))",
        place: "\(table)",
        remedy: "a trigger or rule of the table drops rows; disable it for the migration")
    }
  }
}

/// A chunk that was to be claimed is done or another lane's, or the run has ended.
struct ChunkNotFree: Error {}

/// Where the time of a chunk goes, in microseconds.
struct PhaseClock {
  private let start = Self.now(CLOCK_MONOTONIC)
  private let startOfWork = Self.now(CLOCK_THREAD_CPUTIME_ID)
  private var targetWait = 0

  /// Measures time that is spent waiting for the target.
  mutating func target<Value>(_ body: () throws -> Value) rethrows -> Value {
    let before = Self.now(CLOCK_MONOTONIC)
    defer { targetWait += Self.now(CLOCK_MONOTONIC) - before }
    return try body()
  }

  /// What is neither work of this thread nor waiting for the target is waiting for the source.
  func enter(into phases: inout PhaseTimes) {
    phases.targetWait = targetWait
    phases.transform = Self.now(CLOCK_THREAD_CPUTIME_ID) - startOfWork
    let all = Self.now(CLOCK_MONOTONIC) - start
    phases.sourceWait = max(0, all - phases.transform - targetWait)
  }

  private static func now(_ clock: clockid_t) -> Int { nanoseconds(clock) / 1000 }

  static func nanoseconds(_ clock: clockid_t = CLOCK_MONOTONIC) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
