import Mongo
import Postgres
import Synchronization
import Testing

@testable import MigrationBasics
@testable import MigrationEngine
@testable import MigrationLedger
@testable import MigrationPlan

/// A table's chunks are cut ahead, for the table that comes next and for no other.
@Suite struct SourceScoutTests {
  @Test func whatWasFoundIsGivenOnce() throws {
    let source = CutSource()
    let scout = SourceScout(source)
    scout.begin(errand("customers"))
    let found = try #require(scout.take(errand("customers")))
    #expect(found.map(\.chunks.count) == [3])
    #expect(scout.take(errand("customers")) == nil)
    #expect(source.openings.load(ordering: .relaxed) == 1)
  }

  @Test func nothingIsFoundForAnotherTableOrOtherChunks() {
    let scout = SourceScout(CutSource())
    scout.begin(errand("customers"))
    #expect(scout.take(errand("products")) == nil)
    scout.begin(errand("customers"))
    #expect(scout.take(errand("customers", rows: 7)) == nil)
  }

  @Test func aFailureIsLeftToThePreparation() {
    let scout = SourceScout(CutSource(fails: true))
    scout.begin(errand("customers"))
    #expect(scout.take(errand("customers")) == nil)
  }

  @Test(.timeLimit(.minutes(1))) func aSearchIsGivenUp() {
    let source = CutSource(chunks: .max)
    let scout = SourceScout(source)
    scout.begin(errand("customers"))
    scout.end()
    #expect(scout.take(errand("customers")) == nil)
    scout.begin(errand("customers"))
    #expect(scout.take(errand("products")) == nil)
  }

  private func errand(_ table: String, rows: Int = 1000) -> SourceScout.Errand {
    SourceScout.Errand(
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
  var cancellable: [Connection] { [] }
  func catalog(of plan: Plan, condition: String?) -> SourceCatalog { SourceCatalog() }
  func collections() -> [String] { [] }
  func find(_ feed: Feed, schema: String, condition: String?) -> FeedSource { .nothing }
  func count(_ source: FeedSource, each: [String]?) -> Int { 0 }

  func chunks(
    of source: FeedSource, _ cutting: ChunkCutting, while isWanted: () -> Bool
  ) throws -> [PlannedChunk] {
    var found: [PlannedChunk] = []
    while found.count < chunks {
      guard isWanted() else { throw SurveyAbandoned() }
      if found.count < 3 || chunks == 3 { found.append(PlannedChunk(.everything)) }
    }
    return found
  }

  func read(
    _ feed: FeedWork, _ part: FeedPart, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) {}

  func documents(
    of source: FeedSource, idsOnly: Bool, limit: Int?, _ body: (DocumentView) throws -> Void
  ) {}
}
