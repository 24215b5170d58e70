import Postgres

/// Moves a chunk in which the server refuses rows.
///
/// The chunk's rows are held in memory. In a scratch savepoint the bad ones are found, and
/// everything is rolled back to the claim; then the good ones are sent once, without savepoints,
/// so that they all bear the transaction's own id.
struct CarefulLoad {
  let work: TableWork
  let sink: RowSink
  let source: Connection
  let target: Connection

  func run(_ chunk: Chunk) throws -> ChunkCounts {
    let feed = work.feeds[chunk.feed]
    var clock = PhaseClock()
    sink.begin(chunk)
    let store = RowStore()
    let rows = try source.copyOut(feed.query.copy(feed.program.selectList, in: chunk.range))
    while try rows.next({ store.add($0, through: sink) }) {}
    try clock.target { try send(store, feed) }
    var counts = sink.counts
    counts.phases = clock.phases()
    return counts
  }

  private func send(_ store: RowStore, _ feed: FeedWork) throws {
    try target.execute("SAVEPOINT migrate_scratch")
    var search = BadRowSearch(
      store: store, target: target, table: work.destination,
      columns: feed.program.targetColumns,
      copyStatement: feed.copyStatement)
    let bad = try search.run()
    try target.execute(
      "ROLLBACK TO SAVEPOINT migrate_scratch; RELEASE SAVEPOINT migrate_scratch")
    let good = store.ranges(without: Set(bad.keys))
    let taken = try store.send(good, feed.copyStatement, target)
    for (row, refusal) in bad.sorted(by: { $0.key < $1.key }) {
      store.withSourceRow(row) { sink.refuse($0, number: row + 1, refusal) }
    }
    try ChunkLoad.check(taken, sink.loaded, work)
  }
}

/// The rows of one chunk, as they came and as they are to be sent.
final class RowStore {
  private var source: [UInt8] = []
  private var sourceEnds: [Int] = []
  private var encodedEnds: [Int] = []
  private let encoded = CopyBuffer(flushThreshold: 4 << 20)

  /// How many rows stand ready to be sent.
  var count: Int { encodedEnds.count }

  /// Runs a row through a sink and keeps it if it is not set aside.
  func add(_ row: UnsafeRawBufferPointer, through sink: RowSink) {
    sink.buffer.removeAll()
    if sink.take(row) { add(row, encoded: sink.buffer) }
  }

  /// Keeps a row with what it became.
  func add(_ row: UnsafeRawBufferPointer, encoded buffer: CopyBuffer) {
    buffer.withBytes { encoded.append($0) }
    encodedEnds.append(encoded.count)
    source.append(contentsOf: row)
    sourceEnds.append(source.count)
  }

  /// Lends a source row.
  func withSourceRow(_ row: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    let range = (row == 0 ? 0 : sourceEnds[row - 1])..<sourceEnds[row]
    source.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  /// Returns the runs of rows between those that are left out.
  func ranges(without bad: Set<Int>) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    for row in bad.sorted() {
      if start < row { ranges.append(start..<row) }
      start = row + 1
    }
    if start < count { ranges.append(start..<count) }
    return ranges
  }

  /// Sends runs of rows in one COPY; returns how many rows the server took.
  func send(
    _ ranges: [Range<Int>], _ statement: String, _ target: Connection
  ) throws(PostgresError) -> Int {
    let copy = try target.copyIn(statement)
    let frame = CopyBuffer(flushThreshold: 64)
    frame.appendBinaryHeader()
    try copy.send(frame)
    for range in ranges where !range.isEmpty {
      let bytes = start(of: range.lowerBound)..<encodedEnds[range.upperBound - 1]
      try encoded.withBytes { all throws(PostgresError) in
        try copy.write(UnsafeRawBufferPointer(rebasing: all[bytes]))
      }
    }
    frame.appendBinaryTrailer()
    try copy.send(frame)
    return try copy.finish()
  }

  /// Sends runs of rows with their number as a first column more.
  func sendNumbered(
    _ ranges: [Range<Int>], _ statement: String, _ target: Connection
  ) throws(PostgresError) -> Int {
    let copy = try target.copyIn(statement)
    let buffer = CopyBuffer()
    buffer.appendBinaryHeader()
    for row in ranges.joined() {
      appendNumbered(row, to: buffer)
      try copy.sendIfFull(buffer)
    }
    buffer.appendBinaryTrailer()
    try copy.send(buffer)
    return try copy.finish()
  }

  private func appendNumbered(_ row: Int, to buffer: CopyBuffer) {
    encoded.withBytes { all in
      let bytes = UnsafeRawBufferPointer(rebasing: all[start(of: row)..<encodedEnds[row]])
      let writer = BinaryRowWriter(buffer)
      writer.beginRow(fieldCount: BinaryRowReader(bytes).fieldCount + 1)
      writer.int4(Int32(truncatingIfNeeded: row))
      buffer.append(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(2)))
    }
  }

  private func start(of row: Int) -> Int { row == 0 ? 0 : encodedEnds[row - 1] }
}
