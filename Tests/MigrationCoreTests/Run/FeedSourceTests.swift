import Testing

@testable import MigrationBasics
@testable import MigrationEngine
@testable import MigrationLedger
@testable import MigrationPlan

/// What a reader is given that another kind of source found, or another kind's range: an error, and not 0 rows.
@Suite struct FeedSourceTests {
  private let table = PostgresTable(schema: "public", name: "items", columns: [], primaryKey: [])

  private func source() throws -> FeedSource {
    .table(table, try FeedQuery(table: table, key: [], filters: []))
  }

  @Test func readersOfDocumentsRefuseATable() throws {
    let source = try source()
    #expect(throws: MigrationError.self) { try source.boundCollection() }
    #expect(throws: MigrationError.self) { try source.boundDump() }
    #expect(try source.boundTable().table.name == "items")
  }

  @Test func aCollectionThatMayBeMissingIsNoTable() throws {
    #expect(throws: MigrationError.self) { try FeedSource.nothing.boundTable() }
    #expect(try FeedSource.nothing.boundCollection() == nil)
    #expect(try FeedSource.nothing.boundDump() == nil)
  }

  @Test func aTableHasNoRangeOfBytes() throws {
    let query = try FeedQuery(table: table, key: [], filters: [])
    #expect(throws: LedgerError.self) { try query.condition(of: .bytes(from: 0, to: nil)) }
    #expect(try query.condition(of: .blocks(from: 3, to: nil)) == "ctid >= '(3,0)'::tid")
  }
}
