import Mongo
import Testing

@testable import MigrationBasics
@testable import MigrationEngine
@testable import MigrationLedger
@testable import MigrationPlan

/// What a reader is given that another kind of source found, or another kind's range: an error, and not 0 rows.
@Suite struct FeedSourceTests {
  private let table = PostgresTable(schema: "public", name: "items", columns: [], primaryKey: [])

  @Test func readersOfDocumentsRefuseATable() throws {
    let query = try FeedQuery(table: table, key: [], filters: [])
    let feed = PostgresFeed(table: table, query: query)
    let reader = DumpReader(NoDump())
    let error = #expect(throws: MigrationError.self) { try reader.count(feed, each: nil) }
    #expect(error?.what.contains("the table items") == true)
    #expect(throws: MigrationError.self) {
      try reader.survey(feed, ChunkCutting(size: .automatic), while: { true })
    }
  }

  @Test func aCollectionThatIsMissingBelongsToItsSource() throws {
    let reader = DumpReader(NoDump())
    #expect(try reader.count(MissingCollection<DumpReader>(), each: nil) == 0)
    #expect(throws: MigrationError.self) {
      try reader.count(MissingCollection<MongoReader>(), each: nil)
    }
  }

  @Test func aTableHasNoRangeOfBytes() throws {
    let query = try FeedQuery(table: table, key: [], filters: [])
    #expect(throws: LedgerError.self) { try query.condition(of: .bytes(from: 0, to: nil)) }
    #expect(try query.condition(of: .blocks(from: 3, to: nil)) == "ctid >= '(3,0)'::tid")
  }
}

/// A dump that is never read.
private struct NoDump: DumpSource {
  let path = "/nowhere"
  let collections: [DumpedCollection] = []
  let notes: [String] = []
  func oplog() -> DumpOplog? { nil }
  func read(
    _ collection: DumpedCollection, options: DumpReadOptions,
    _ body: (DumpedDocument) throws -> Void
  ) {}
  func readAll(
    options: DumpReadOptions, _ body: (DumpedCollection, DumpedDocument) throws -> Void
  ) {}
}
