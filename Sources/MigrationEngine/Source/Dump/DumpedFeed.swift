import MigrationLedger
import MigrationRows
import Mongo
import Synchronization

/// A collection of a dump that a feed reads.
final class DumpedFeed: Sendable {
  let dump: any DumpSource
  let collection: DumpedCollection
  private let order = Mutex<Bool?>(nil)
  private let found = Mutex<DumpContents?>(nil)

  init(_ dump: any DumpSource, _ collection: DumpedCollection) {
    (self.dump, self.collection) = (dump, collection)
  }

  /// Whether the documents' ids are ObjectIds and rise from the first to the last, so that the order
  /// of the file is that of the key; nil if that is not known yet.
  var hasRisingObjectIDs: Bool? {
    get { order.withLock { $0 } }
    set { order.withLock { $0 = newValue } }
  }

  /// What was found when the collection was cut into chunks; nil before that.
  var contents: DumpContents? {
    get { found.withLock { $0 } }
    set { found.withLock { $0 = newValue } }
  }

  /// Opens a cursor; text that is not UTF-8 is left to the rules.
  func cursor(from offset: Int64 = 0) throws(DumpError) -> DumpCursor {
    try DumpCursor(dump, collection, from: offset, options: DumpReadOptions(checksText: false))
  }
}

/// Cuts a collection of a dump into chunks: one pass over its documents finds where they end.
struct DumpChunks {
  let feed: DumpedFeed
  let cutting: ChunkCutting

  private static let usualBytes: Int64 = 16 << 20
  private static let largestBytes: Int64 = 64 << 20

  func plan(while isWanted: () -> Bool) throws -> [PlannedChunk] {
    let limit = cutting.limit
    let cursor = try feed.cursor()
    var chunks: [PlannedChunk] = []
    var (start, rows, total) = (Int64(0), 0, 0)
    var order = RisingIDs()
    var digest = DumpDigest()
    while limit.map({ total < $0 }) ?? true, let document = try cursor.next() {
      order.take(document.view.bytes)
      digest.add(document.view.bytes, end: cursor.offset)
      rows += 1
      total += 1
      guard isEnough(rows, cursor.offset - start) else { continue }
      guard isWanted() else { throw SurveyAbandoned() }
      chunks.append(chunk(start, cursor.offset, rows))
      (start, rows) = (cursor.offset, 0)
    }
    let isWhole = limit.map { total < $0 } ?? true
    if !isWhole {
      if rows > 0 { chunks.append(chunk(start, cursor.offset, rows)) }
    } else {
      // The open end is read to the file's own end, which is checked there.
      chunks.append(chunk(start, nil, rows, end: cursor.offset))
    }
    feed.hasRisingObjectIDs = order.isRising
    feed.contents = digest.contents(isWhole: isWhole)
    return chunks
  }

  private func isEnough(_ rows: Int, _ bytes: Int64) -> Bool {
    if bytes >= Self.largestBytes { return true }
    return switch cutting.size {
    case .rows(let wanted): rows >= max(1, wanted)
    case .automatic: rows >= 1000 && bytes >= Self.usualBytes || rows >= 100_000
    }
  }

  private func chunk(
    _ start: Int64, _ end: Int64?, _ rows: Int, end last: Int64 = 0
  ) -> PlannedChunk {
    PlannedChunk(
      .bytes(from: Int(start), to: end.map { Int($0) }), rowEstimate: rows,
      byteEstimate: Int((end ?? last) - start))
  }
}

/// Whether ids are ObjectIds of which each is higher than the one before.
private struct RisingIDs {
  private(set) var isRising = true
  private var last: [UInt8] = []
  private var next: [UInt8] = []

  mutating func take(_ document: UnsafeRawBufferPointer) {
    guard isRising else { return }
    next.removeAll(keepingCapacity: true)
    RowKey.readID(of: document, into: &next)
    isRising = next.first == BSONTag.objectID && last.lexicographicallyPrecedes(next)
    swap(&last, &next)
  }
}
