import MigrationLedger
import Postgres

/// Moves a chunk in which the server refuses rows.
///
/// The chunk's rows are held in memory. In a scratch savepoint the bad ones are found, and
/// everything is rolled back to the claim; then the good ones are sent once, without savepoints,
/// so that they all bear the transaction's own id.
struct FaultTolerantLoad {
  let work: TableWork
  let sink: RowSink
  let source: any RowReader
  let ledger: Ledger
  private var target: Connection { ledger.connection }

  func run(_ chunk: Chunk) throws -> ChunkCounts {
    let feed = work.feeds[chunk.feed]
    var clock = PhaseClock()
    sink.begin(chunk)
    let store = RowStore(feed.program.copyForm)
    try source.read(feed, .chunk(chunk.range)) { store.add($0, through: sink) }
    try clock.target { try send(store, feed, after: work.mark(chunk, ledger)) }
    var counts = sink.counts
    clock.enter(into: &counts.phases)
    return counts
  }

  private func send(_ store: RowStore, _ feed: FeedWork, after mark: String?) throws {
    try target.execute("SAVEPOINT migrate_scratch")
    var search = BadRowSearch(
      store: store, target: target, table: work.destination,
      columns: feed.program.targetColumns.compactMap { work.target[$0] },
      copyStatement: feed.copyStatement)
    let bad = try search.run()
    try target.execute(
      "ROLLBACK TO SAVEPOINT migrate_scratch; RELEASE SAVEPOINT migrate_scratch")
    let good = store.ranges(without: Set(bad.keys))
    let readBack = try ReadBack(feed, work, target)
    var taken =
      try readBack.map { try store.send(good, $0.copyStatement, target) }
      ?? store.send(good, feed.copyStatement, target, after: mark)
    var last: Int?
    for (row, refusal) in bad.sorted(by: { $0.key < $1.key }) {
      let (fingerprint, isOpen) = (store.fingerprints[row], store.areOfOneSource(row, last))
      store.withSourceRow(row) {
        sink.refuse(
          $0, element: $1, isOpen: isOpen, number: $2, fingerprint, refusal)
      }
      last = row
    }
    if let readBack { taken = sink.settle(try readBack.finish(after: mark)) }
    try ChunkLoad.check(taken, sink.loaded, work.name)
  }
}
