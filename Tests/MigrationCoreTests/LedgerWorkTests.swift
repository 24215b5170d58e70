import Foundation
import Postgres
import TestSupport
import Testing

@testable import MigrationLedger

/// How much the server does for the ledger's files, counted by the server itself.
@Suite struct LedgerWorkTests {
  /// The ledger through a session that is watched, and what that session did since a moment.
  private func watched(_ fixture: LedgerFixture) throws -> Ledger {
    try ServerLog.watch(fixture.database, plans: true)
    return try fixture.otherLedger()
  }

  private func work(_ ledger: Ledger, _ body: () throws -> Void) throws -> ServerLog.Work {
    let log = try ServerLog()
    try body()
    return try log.work(of: ledger.connection.facts.backendPID)
  }

  /// Enters tables whose chunks are done, and one with chunks to do.
  private func enterTables(_ count: Int, _ fixture: LedgerFixture) throws {
    let names = ["items"] + (2...count).map { "t\($0)" }
    for table in try fixture.ledger.enterTables(names, session: fixture.session.id) {
      try fixture.ledger.insertBoundaries(
        table: table.id, feed: 0, source: "s", fixture.chunks(10))
    }
    _ = try fixture.sql(
      """
      UPDATE migrate.chunk SET status = 'done', finished = now(), rows_read = 7,
        rows_loaded = 7 WHERE number < 9
      """)
  }

  @Test(arguments: [5, 50])
  func aCheckpointIsOneQuestionAboutTheTablesThatChanged(_ tables: Int) throws {
    let fixture = try LedgerFixture()
    try enterTables(tables, fixture)
    let ledger = try watched(fixture)
    var tally = try CheckpointTally(ledger, fixture.session)
    let first = tally.checkpoint(.running)
    #expect(first.totalTables == tables)
    #expect(first.totalRecordsMigrated == tables * 63)
    _ = try fixture.sql(
      "UPDATE migrate.chunk SET rows_read = 8, rows_loaded = 8 WHERE number = 3")
    let work = try work(ledger) { try tally.update(ledger, changed: ["t2"]) }
    #expect(work.statements.count == 1)
    #expect(work.rows > 0 && work.rows < 100, "\(work.rows) rows")
    let second = tally.checkpoint(.paused, at: "t2")
    #expect(second.totalRecordsMigrated == first.totalRecordsMigrated + 1)
    #expect(second.table?.name == "t2")
    #expect(second.table?.migrated == 64)
    #expect(second.table?.lastKey == ["90"])
    #expect(second.status == .paused)
    // Nor does the file grow with the tables.
    #expect(second.json.compact.utf8.count < 600)
  }

  /// A quarantine that was not analyzed.
  private func quarantine(_ rows: Int, _ fixture: LedgerFixture) throws {
    try fixture.plan(2)
    _ = try fixture.sql(
      """
      INSERT INTO migrate.quarantine (table_id, feed, chunk, key, row, code, reason)
      SELECT \(fixture.table.id), 0, 0, to_jsonb(n), '{}', 'ERR_003', 'bad' FROM generate_series(1, \(rows)) n
      """)
  }

  @Test func theErrorLogReadsTheQuarantineOnce() throws {
    let (fixture, folder, rows) = (try LedgerFixture(), try TemporaryFolder(), 5000)
    try quarantine(rows, fixture)
    let ledger = try watched(fixture)
    let file = try ErrorLog(folder.path + "/e.log", session: fixture.session.id, from: ledger)
    let work = try work(ledger) { try file.append(from: ledger, table: "items", after: 0) }
    let lines = try String(contentsOfFile: file.path, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == rows)
    #expect(work.rows >= rows && work.rows < 5 * rows, "\(work.rows) rows")
    #expect(try self.work(ledger) { try file.rewrite(from: ledger) }.rows < 6 * rows)
  }

  @Test func aRetryReadsTheQuarantineOnce() throws {
    let (fixture, rows) = (try LedgerFixture(), 5000)
    try quarantine(rows, fixture)
    let ledger = try watched(fixture)
    var (taken, last) = (0, 0)
    let work = try work(ledger) {
      while true {
        let page = try ledger.takeForRetry(
          session: fixture.session.id, table: "items", feed: 0, after: last)
        guard let end = page.last else { break }
        (taken, last) = (taken + page.count, end.id)
      }
    }
    #expect(taken == rows)
    #expect(work.rows >= rows && work.rows < 6 * rows, "\(work.rows) rows")
  }
}
