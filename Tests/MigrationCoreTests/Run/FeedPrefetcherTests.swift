import Synchronization
import Testing

@testable import MigrationBasics
@testable import MigrationEngine
@testable import MigrationLedger
@testable import MigrationPlan
@testable import MigrationRows

/// A table's chunks are cut ahead, for the table that comes next and for no other.
@Suite struct FeedPrefetcherTests {
  @Test func whatWasFoundIsGivenOnce() throws {
    let source = CutSource()
    let prefetcher = FeedPrefetcher(source)
    prefetcher.begin(surveyRequest("customers"))
    let found = try #require(prefetcher.take(surveyRequest("customers")))
    #expect(found.map(\.chunks.count) == [3])
    #expect(prefetcher.take(surveyRequest("customers")) == nil)
    #expect(source.openings.load(ordering: .relaxed) == 1)
  }

  @Test func nothingIsFoundForAnotherTableOrOtherChunks() {
    let prefetcher = FeedPrefetcher(CutSource())
    prefetcher.begin(surveyRequest("customers"))
    #expect(prefetcher.take(surveyRequest("products")) == nil)
    prefetcher.begin(surveyRequest("customers"))
    #expect(prefetcher.take(surveyRequest("customers", rows: 7)) == nil)
  }

  @Test func aFailureIsLeftToThePreparation() {
    let prefetcher = FeedPrefetcher(CutSource(fails: true))
    prefetcher.begin(surveyRequest("customers"))
    #expect(prefetcher.take(surveyRequest("customers")) == nil)
  }

  @Test(.timeLimit(.minutes(1))) func aSearchIsGivenUp() {
    let source = CutSource(chunks: .max)
    let prefetcher = FeedPrefetcher(source)
    prefetcher.begin(surveyRequest("customers"))
    prefetcher.end()
    #expect(prefetcher.take(surveyRequest("customers")) == nil)
    prefetcher.begin(surveyRequest("customers"))
    #expect(prefetcher.take(surveyRequest("products")) == nil)
  }

  private func surveyRequest(_ table: String, rows: Int = 1000) -> FeedPrefetcher.SurveyRequest {
    FeedPrefetcher.SurveyRequest(
      table: table,
      feeds: [
        Feed(
          from: "old_" + table, key: ["id"], columns: [],
          place: PlanPlace(file: "plan.json5", line: 1, column: 1))
      ],
      schema: "public", condition: nil, cutting: ChunkCutting(size: .rows(rows)))
  }
}

/// Cuts everything into so many chunks.
private final class CutSource: RowSource {
  let chunks: Int
  let fails: Bool
  let openings = Atomic(0)

  init(chunks: Int = 3, fails: Bool = false) { (self.chunks, self.fails) = (chunks, fails) }

  var isOneMoment: Bool { true }
  func noteChange() {}
  func release() {}

  func open(timeout: Duration?) throws -> any RowReader {
    openings.add(1, ordering: .relaxed)
    if fails { throw MigrationError(.coded(.connection), "the source is away") }
    return CutReader(chunks: chunks)
  }
}

private final class CutReader: RowReader {
  let chunks: Int
  init(chunks: Int) { self.chunks = chunks }

  var isUsable: Bool { true }
  func catalog(of plan: Plan, condition: String?) -> SourceCatalog { SourceCatalog() }
  func find(_ feed: Feed, schema: String, condition: String?) -> any BoundFeed { CutFeed() }
}

private struct CutFeed: BoundFeed {
  var title: String { "what is cut" }
  var form: RowForm { .document }
  func key(of feed: Feed, _ program: RowProgram) -> RowKey { .document }
  func count(each: [String]?, through reader: CutReader) -> Int { 0 }

  func survey(
    _ cutting: ChunkCutting, through reader: CutReader, while isWanted: () -> Bool
  ) throws -> (state: SourceState?, chunks: [PlannedChunk]) {
    var found: [PlannedChunk] = []
    while found.count < reader.chunks {
      guard isWanted() else { throw SurveyAbandoned() }
      if found.count < 3 || reader.chunks == 3 { found.append(PlannedChunk(.everything)) }
    }
    return (nil, found)
  }

  func read(
    _ part: FeedPart, of feed: FeedWork, through reader: CutReader,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) {}
}
