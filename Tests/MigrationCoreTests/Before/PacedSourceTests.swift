import Mongo
import Synchronization
import Testing

@testable import MigrationEngine
@testable import MigrationLedger
@testable import MigrationPlan
@testable import MigrationRows

/// A source is read no faster than is allowed, and its statements get no more time.
@Suite struct PacedSourceTests {
  @Test func rowsComeNoFasterThanTheRate() throws {
    let source = PacedSource(
      CountedSource(rows: 300), ReadingLimits(rowsPerSecond: 1000))
    let reader = try source.open(timeout: nil)
    let start = ContinuousClock.now
    var rows = 0
    try reader.documents(of: CountedFeed(), idsOnly: false, limit: nil) { _ in rows += 1 }
    #expect(rows == 300)
    #expect(ContinuousClock.now - start >= .milliseconds(250))
  }

  @Test func theShorterTimeLimitCounts() throws {
    let source = CountedSource(rows: 0)
    let paced = PacedSource(source, ReadingLimits(statementTimeout: .seconds(5)))
    _ = try paced.open(timeout: nil)
    _ = try paced.open(timeout: .seconds(2))
    _ = try paced.open(timeout: .seconds(9))
    #expect(source.timeouts.withLock { $0 } == [.seconds(5), .seconds(2), .seconds(5)])
  }
}

/// Lends the same document again and again.
private final class CountedSource: RowSource {
  let rows: Int
  let timeouts = Mutex<[Duration?]>([])

  init(rows: Int) { self.rows = rows }

  var isOneMoment: Bool { true }
  func noteChange() {}
  func release() {}

  func open(timeout: Duration?) throws -> any RowReader {
    timeouts.withLock { $0.append(timeout) }
    return CountedReader(rows: rows)
  }
}

private final class CountedReader: RowReader {
  let rows: Int
  init(rows: Int) { self.rows = rows }

  var isUsable: Bool { true }
  func catalog(of plan: Plan, condition: String?) -> SourceCatalog { SourceCatalog() }
  func find(_ feed: Feed, schema: String, condition: String?) -> any BoundFeed { CountedFeed() }
}

private struct CountedFeed: BoundFeed {
  var title: String { "what is counted" }
  var form: RowForm { .document }
  func key(of feed: Feed, _ program: RowProgram) -> RowKey { .document }
  func count(each: [String]?, through reader: CountedReader) -> Int { reader.rows }

  func survey(
    _ cutting: ChunkCutting, through reader: CountedReader, while isWanted: () -> Bool
  ) -> (state: SourceState?, chunks: [PlannedChunk]) { (nil, []) }

  func read(
    _ part: FeedPart, of feed: FeedWork, through reader: CountedReader,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) {}

  func documents(
    idsOnly: Bool, limit: Int?, through reader: CountedReader,
    _ body: (DocumentView) throws -> Void
  ) throws {
    let document: BSONDocument = ["_id": 1]
    try document.withUnsafeBytes { bytes in
      for _ in 0..<reader.rows { try body(DocumentView(unchecked: bytes)) }
    }
  }
}
