import AllocationCounter
import Foundation
import Postgres
import Testing

@testable import MigrationBasics
@testable import MigrationEngine
@testable import MigrationLedger
@testable import MigrationPlan
@testable import MigrationRows

/// What every source keeps, whatever its kind: nothing is lost, nothing comes twice, and what can't be read is an
/// error.
@Suite struct SourceContractTests {
  @Test(arguments: ContractKind.allCases)
  func chunksCoverEachRowOnce(_ kind: ContractKind) throws {
    let bench = try ContractBench(kind, rows: 500)
    let survey = try bench.survey(rows: 70)
    #expect(survey.chunks.count > 2)
    // Each by itself and the last one first, as lanes do that claim what is left.
    let ids = try survey.chunks.reversed().flatMap {
      try bench.ids(.chunk($0.range), survey.source, bench.open())
    }
    #expect(ids.sorted() == Array(0..<500))
    #expect(try bench.ids(.all, survey.source, bench.open()).sorted() == Array(0..<500))
  }

  @Test(arguments: ContractKind.allCases)
  func oneReaderTakesAllChunksInTheirOrder(_ kind: ContractKind) throws {
    let bench = try ContractBench(kind, rows: 500)
    let survey = try bench.survey(rows: 70)
    let reader = try bench.open()
    let ids = try survey.chunks.flatMap { try bench.ids(.chunk($0.range), survey.source, reader) }
    #expect(ids.sorted() == Array(0..<500))
    if kind.hasKeys, survey.source.isInKeyOrder { #expect(ids == Array(0..<500)) }
  }

  @Test(arguments: ContractKind.allCases)
  func aLimitEndsTheChunksWhereItIs(_ kind: ContractKind) throws {
    let bench = try ContractBench(kind, rows: 500)
    let survey = try bench.survey(rows: 70, limit: 100)
    let ids = try survey.chunks.flatMap {
      try bench.ids(.chunk($0.range), survey.source, bench.open())
    }
    #expect(ids.count == 100 && Set(ids).count == 100)
  }

  @Test(arguments: ContractKind.allCases)
  func anEmptySourceHasChunksWithoutRows(_ kind: ContractKind) throws {
    let bench = try ContractBench(kind, rows: 10)
    let survey = try bench.survey("nothing", rows: 70)
    #expect(!survey.chunks.isEmpty)
    for chunk in survey.chunks {
      #expect(try bench.ids(.chunk(chunk.range), survey.source, bench.open()) == [])
    }
    #expect(try bench.open().count(survey.source, each: nil) == 0)
    #expect(try bench.ids(.first(5), survey.source, bench.open()) == [])
  }

  /// Chunks that were cut before either fit what is there now, or the source says why they do not.
  @Test(arguments: ContractKind.allCases)
  func aChangeOfOrderIsSeenOrHarmless(_ kind: ContractKind) throws {
    let bench = try ContractBench(kind, rows: 500)
    let survey = try bench.survey(rows: 70)
    #expect(try bench.misfit(survey) == nil)
    bench.close()
    try bench.contract.reorder()
    let later = try ContractBench(kind, bench.contract)
    guard try later.misfit(survey) == nil else { return }
    let found = try later.find()
    let ids = try survey.chunks.flatMap {
      try later.ids(.chunk($0.range), found, later.open())
    }
    #expect(ids.sorted() == Array(0..<500))
  }

  @Test(arguments: ContractKind.allCases)
  func aForeignRangeIsAnError(_ kind: ContractKind) throws {
    let bench = try ContractBench(kind, rows: 10)
    let found = try bench.find()
    for range in kind.foreignRanges {
      #expect(throws: LedgerError.self, "\(range)") {
        try bench.ids(.chunk(range), found, bench.open())
      }
    }
  }

  @Test(arguments: ContractKind.allCases)
  func whatAnotherSourceFoundIsAnError(_ kind: ContractKind) throws {
    let bench = try ContractBench(kind, rows: 10)
    let other = try ContractBench(kind == .fake ? .folder : .fake, rows: 10)
    let reader = try bench.open()
    #expect(throws: MigrationError.self) { try other.ids(.all, other.find(), reader) }
    #expect(throws: MigrationError.self) { try reader.count(other.find(), each: nil) }
    #expect(throws: MigrationError.self) {
      try FeedSurvey(other.find(), reader, ChunkCutting(size: .automatic))
    }
  }

  @Test(arguments: ContractKind.allCases)
  func aConnectionLostInTheMiddleIsAnErrorAndTheNextReadsAll(_ kind: ContractKind) throws {
    let bench = try ContractBench(kind, rows: kind.manyRows, bytes: 4000)
    let found = try bench.find()
    var (count, failure): (Int, (any Error)?) = (0, nil)
    do {
      try bench.read(.all, found, bench.open()) { _, _ in
        count += 1
        if count == 10 { try bench.contract.cut() }
      }
    } catch { failure = error }
    let lost = try #require(failure, "\(count) rows were read as if they were all")
    #expect(count < kind.manyRows)
    #expect(RunFailure.isTransient(lost) == kind.isServer, "\(lost)")
    try bench.contract.mend()
    let again = try bench.find()
    #expect(try bench.ids(.all, again, bench.open()).sorted() == Array(0..<kind.manyRows))
  }

  @Test(arguments: ContractKind.allCases)
  func readingEndsWhenItIsCancelled(_ kind: ContractKind) throws {
    let bench = try ContractBench(kind, rows: kind.manyRows, bytes: 4000)
    let found = try bench.find()
    struct Enough: Error {}
    var count = 0
    #expect(throws: Enough.self) {
      try bench.read(.all, found, bench.open()) { _, _ in
        count += 1
        if count == 10 { throw Enough() }
      }
    }
    #expect(count == 10)
    let reader = try bench.open()
    for cancel in reader.cancels {
      count = 0
      #expect(throws: (any Error).self) {
        try bench.read(.all, found, reader) { _, _ in
          count += 1
          if count == 10 { try cancel.send() }
        }
      }
    }
    #expect(try bench.ids(.all, found, bench.open()).count == kind.manyRows)
  }

  @Test(arguments: ContractKind.allCases)
  func chunksThatAreNotWantedAreGivenUp(_ kind: ContractKind) throws {
    let bench = try ContractBench(kind, rows: 4000)
    #expect(throws: SurveyAbandoned.self) {
      try FeedSurvey(
        bench.find(), bench.open(), ChunkCutting(size: .rows(100)), while: { false })
    }
  }

  @Test(arguments: ContractKind.allCases)
  func rowsAreCounted(_ kind: ContractKind) throws {
    let bench = try ContractBench(kind, rows: 321)
    #expect(try bench.open().count(bench.find(), each: nil) == 321)
    let survey = try bench.survey(rows: 100)
    #expect(abs(survey.chunks.reduce(0) { $0 + $1.rowEstimate } - 321) <= 100)
  }

  /// A row is found again by its key, as the quarantine keeps it and as people type it.
  @Test(arguments: ContractKind.allCases.filter(\.hasKeys))
  func keysLeadBackToTheirRows(_ kind: ContractKind) throws {
    let bench = try ContractBench(kind, rows: 50)
    let (found, reader) = (try bench.find(), try bench.open())
    var keys: [Int: JSONValue] = [:]
    let work = try bench.work(found)
    let machine = RowMachine(work.program)
    try bench.read(.all, found, reader) { row, id in keys[id] = machine.key(row) }
    #expect(keys.count == 50)
    for (id, key) in keys where id % 10 == 3 {
      #expect(try bench.ids(.keys([key]), found, reader) == [id])
      #expect(try bench.ids(.typed(["\(id)"]), found, reader) == [id])
    }
    let two = [3, 7].compactMap { keys[$0] }
    #expect(try bench.ids(.keys(two), found, reader).sorted() == [3, 7])
    #expect(try bench.ids(.typed(["no such row"]), found, reader) == [])
  }

  /// Neither rows of their own nor all of the source are held.
  @Test(arguments: ContractKind.allCases)
  func readingTakesNoMoreMemoryForMoreRows(_ kind: ContractKind) throws {
    let bench = try ContractBench(kind, rows: kind.manyRows, bytes: 4000)
    let (found, reader) = (try bench.find(), try bench.open())
    let work = try bench.work(found)
    var fewest = Int.max
    for rows in [kind.manyRows / 10, kind.manyRows] {
      var (count, arrived) = (0, Int.max)
      let before = allocation_count()
      let start = bench.contract.bytesReceived
      try reader.read(work, .first(rows)) { _ in
        count += 1
        if count == 10, let start { arrived = (bench.contract.bytesReceived ?? 0) - start }
      }
      #expect(count == rows)
      let allocations = allocation_count() - before
      if rows < kind.manyRows { fewest = allocations }
      // One row for libpq, which frees it at once.
      if allocations_are_counted() { #expect(allocations - fewest < 2 * rows) }
      if rows == kind.manyRows, start != nil { #expect(arrived < 12 << 20) }
    }
  }

  /// What the rest of the engine does with a kind of source: the plan is read, checked and run.
  @Test func aKindThatIsNoneOfTheEngineIsMigrated() throws {
    let data = FakeData(ids: shuffled(3000), bytes: 50)
    FakeKind.keep(data, as: "migrated")
    let plan = try ContractKind.fake.plan
    let fixture = try RunFixture(
      plan: plan, sourceSQL: "",
      targetSQL: """
        create table items (id bigint primary key, text text);
        create table nothing (id bigint primary key, text text);
        """)
    let settings = try Settings.resolve(environment: [
      "SOURCE_DATABASE_URL": "fake://here/migrated", "DATABASE_URL": fixture.target.url,
    ])
    let databases = Databases(settings)
    let faults = try LivePlanCheck(plan).faults(
      databases.catalog(of: plan), target: databases.target())
    #expect(faults.filter { $0.severity == .error } == [])
    var request = RunRequest(
      plan: plan, databases: try RunRequest.Databases(settings, plan: plan))
    (request.checksPlan, request.tuning.batchSize) = (true, 700)
    let outcome = try MigrationRun.run(request)
    #expect(outcome.tables.map(\.sheet.loaded) == [3000, 0])
    #expect(try fixture.count("items") == 3000)
    #expect(try fixture.fingerprints().status == .pass)
  }
}

/// What a contract is tried with: its source, opened, and the rules that its rows go through.
private final class ContractBench {
  let contract: any ContractSource
  private let plan: Plan
  private let source: any RowSource
  private let buffer = CopyBuffer()

  convenience init(_ kind: ContractKind, rows: Int, bytes: Int = 20) throws {
    try self.init(kind, kind.make(rows: rows, bytes: bytes))
  }

  init(_ kind: ContractKind, _ contract: any ContractSource) throws {
    self.contract = contract
    plan = try kind.plan
    source = try contract.place.source()
  }

  deinit { source.release() }

  /// Gives up what keeps the source as it is.
  func close() { source.release() }

  func open() throws -> any RowReader { try source.open(timeout: nil) }

  private func feed(_ table: String) throws -> (TablePlan, Feed) {
    let found = try #require(plan.tables.first { $0.name == table })
    return (found, found.feeds[0])
  }

  func find(_ table: String = "items") throws -> any BoundFeed {
    try open().find(feed(table).1, schema: "public", condition: nil)
  }

  func survey(_ table: String = "items", rows: Int, limit: Int? = nil) throws -> FeedSurvey {
    try FeedSurvey(find(table), open(), ChunkCutting(size: .rows(rows), limit: limit))
  }

  func misfit(_ survey: FeedSurvey) throws -> String? {
    guard let state = survey.state else { return nil }
    // As the ledger gives it back.
    let kept = SourceState(json: try JSONValue.parse(state.json.compact))
    return try open().misfit(of: find(), since: kept, isLater: true)
  }

  func work(_ found: any BoundFeed) throws -> FeedWork {
    let (table, feed) = try feed("items")
    let target = PostgresTable(
      schema: "public", name: "items",
      columns: [
        PostgresColumn(name: "id", type: Types.int8, isNotNull: true),
        PostgresColumn(name: "text", type: Types.text),
      ], primaryKey: ["id"])
    let program = try RowProgram.compile(
      table, feed: feed, feedNumber: 0, source: found.table, target: target,
      context: RunContext(runTime: RunTime(microseconds: 0), hashKey: []))
    return try FeedWork(
      number: 0, feed: feed, source: found, target: target, program: program, staging: nil)
  }

  /// Reads a part, and hands over each row with its id.
  func read(
    _ part: FeedPart, _ found: any BoundFeed, _ reader: any RowReader,
    _ body: (UnsafeRawBufferPointer, Int) throws -> Void
  ) throws {
    let work = try work(found)
    let machine = RowMachine(work.program)
    try reader.read(work, part) { row in
      buffer.removeAll()
      try #require(machine.run(row, into: buffer) == .row)
      let id = machine.withTargetRow { target -> Int in
        var fields = BinaryRowReader(target)
        guard let bytes = fields.next()?.bytes, bytes.count == 8 else { return -1 }
        return Int(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
      }
      try body(row, id)
    }
  }

  func ids(
    _ part: FeedPart, _ found: any BoundFeed, _ reader: any RowReader
  ) throws -> [Int] {
    var ids: [Int] = []
    try read(part, found, reader) { ids.append($1) }
    return ids
  }
}
