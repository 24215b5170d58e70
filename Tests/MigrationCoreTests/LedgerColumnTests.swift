import Foundation
import Postgres
import TestSupport
import Testing

@testable import MigrationLedger

@Suite struct LedgerColumnTests {
  /// Returns what of a list the ledger's table does not have, and expects that each entry of the list selects one column.
  private func strangers<Column: ColumnList & RawRepresentable>(
    _ list: Column.Type, of table: String, _ from: String, except others: [Column] = [],
    _ fixture: LedgerFixture
  ) throws -> [String] where Column.RawValue == String {
    let connection = fixture.ledger.connection
    let selected = try connection.query("SELECT \(Column.list) FROM \(from) LIMIT 0")
    #expect(selected.columnCount == Column.allCases.count)
    let known = try connection.query("SELECT * FROM migrate.\(table) LIMIT 0").columnNames
    return Column.allCases.filter { !others.contains($0) && !known.contains($0.rawValue) }
      .map { "\(table).\($0.rawValue)" }
  }

  @Test func theListOfEachDecoderFitsTheTableOfTheLedger() throws {
    let fixture = try LedgerFixture()
    let quarantine = "migrate.quarantine q JOIN migrate.table_state t ON t.id = q.table_id"
    let rolledBack = "migrate.rollback_table r JOIN migrate.table_state t ON t.id = r.table_id"
    let strangers = [
      try strangers(Ledger.RunColumn.self, of: "run", "migrate.run", fixture),
      try strangers(Ledger.SessionColumn.self, of: "session", "migrate.session", fixture),
      try strangers(Ledger.TableColumn.self, of: "table_state", "migrate.table_state t", fixture),
      try strangers(Ledger.ChunkColumn.self, of: "chunk", "migrate.chunk", fixture),
      try strangers(Ledger.OutcomeColumn.self, of: "chunk", "migrate.chunk", fixture),
      try strangers(
        Ledger.ChunkSum.self, of: "chunk", "migrate.chunk c",
        except: [.chunks, .chunksDone, .rowEstimateDone], fixture),
      try strangers(
        Ledger.EntryColumn.self, of: "quarantine", quarantine, except: [.table], fixture),
      try strangers(Ledger.RollbackColumn.self, of: "rollback", "migrate.rollback", fixture),
      try strangers(
        Ledger.RolledBackColumn.self, of: "rollback_table", rolledBack, except: [.name], fixture),
      try strangers(Ledger.MergeColumn.self, of: "merge_total", "migrate.merge_total", fixture),
      try strangers(
        Ledger.SequenceColumn.self, of: "sequence_before", "migrate.sequence_before", fixture),
      try strangers(Ledger.SetAsideColumn.self, of: "set_aside", "migrate.set_aside", fixture),
    ]
    #expect(strangers.flatMap { $0 } == [])
  }

  @Test func everyCountOfAChunkComesBackAsWhatItIs() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(2)
    try fixture.ledger.connection.execute(
      """
      UPDATE migrate.chunk SET status = 'done', rows_loaded = 1, rows_merged = 2, rows_filtered = 4,
        rows_quarantined = 8, rows_read = 15, warnings = 16, bytes = 32, source_wait = 64,
        transform_time = 128, target_wait = 256, commit_time = 512, lane = 3, xid = 1000,
        run = \(fixture.run.id), fingerprint = decode('000102030405060708090a0b0c0d0e0f', 'hex'),
        last_failure = 'once', finished = timestamptz '2026-01-31 02:05:00Z' WHERE number = 0
      """)
    var sums = counts(read: 15, loaded: 1, merged: 2, filtered: 4, quarantined: 8, warned: 16)
    sums.bytes = 32
    (sums.phases.sourceWait, sums.phases.transform) = (64, 128)
    (sums.phases.targetWait, sums.phases.commit) = (256, 512)
    let chunk = try #require(try fixture.ledger.chunks(table: fixture.table.id).first)
    #expect(chunk.counts == sums)
    #expect((chunk.run, chunk.lane, chunk.xid) == (fixture.run.id, 3, 1000))
    #expect((chunk.fingerprint, chunk.lastFailure) == (Array(0...15), "once"))
    #expect(chunk.finished?.description == "2026-01-31T02:05:00.000000Z")
    let progress = try #require(try fixture.ledger.progress(session: fixture.session.id).first)
    #expect((progress.chunks, progress.chunksDone) == (2, 1))
    #expect((progress.rowEstimate, progress.rowEstimateDone) == (20, 10))
    #expect((progress.byteEstimate, progress.counts) == (2000, sums))
    #expect((progress.lastCommit, progress.lastKey) == (chunk.finished, ["10"]))
    let balance = try fixture.ledger.balance(session: fixture.session.id, run: fixture.run.id)
    #expect(
      balance == [
        RowCounts(
          table: "items", read: 15, readByRun: 15, loaded: 1, merged: 2, filtered: 4,
          quarantined: 8, warned: 16, chunks: 2, chunksDone: 1, open: 0, retried: 0, settled: 0,
          mergedKeys: 0, asymmetric: 0, warningsKept: 0)
      ])
    let feed = FeedProgress(
      source: "legacy_items", chunks: 2, chunksDone: 1, rowEstimate: 20, read: 15, loaded: 1,
      merged: 2, filtered: 4, quarantined: 8)
    #expect(try fixture.ledger.feedProgress(table: fixture.table.id) == [feed])
  }

  @Test func everyCountOfARolledBackTableComesBackAsWhatItIs() throws {
    let fixture = try LedgerFixture()
    let chosen = ChosenTable(state: fixture.table, since: "10:20:")
    let id = try fixture.ledger.beginRollback(
      session: fixture.session.id, scope: "--last-step", force: true, by: LedgerFixture.identity,
      tables: [chosen])
    try fixture.ledger.connection.execute(
      """
      UPDATE migrate.rollback_table SET status = 'emptied', method = 'DELETE', rows_before = 1,
        rows_gone = 2, rows_kept = 4, rows_others = 8, rows_left = 16, rows_missing = 32,
        left_sum = 'all', left_keys = 'keys', emptied_xid = 64, kept_keys = '["7"]',
        sequences = '[{"sequence": "s", "outcome": "untouched"}]', xids = '{}'
      """)
    let record = try #require(try fixture.ledger.latestRollback())
    #expect((record.id, record.session, record.scope) == (id, fixture.session.id, "--last-step"))
    #expect((record.force, record.status, record.ended) == (true, .running, nil))
    #expect(
      record.tables == [
        RolledBackTable(
          id: fixture.table.id, name: "items", status: .emptied, method: "DELETE", rowsBefore: 1,
          gone: 2, kept: 4, others: 8, left: 16, keptKeys: ["7"],
          sequences: [ReturnedSequence(name: "s", outcome: .untouched)], since: "10:20:",
          missing: 32, leftRows: LeftRows(rows: 16, sum: "all", keys: "keys", later: nil),
          emptiedBy: 64, knowsTransactions: true)
      ])
  }

  /// A number says nothing about the column, and a column that is added to the list moves those after it.
  @Test func noRowOfMoreThanFiveColumnsIsReadByNumbers() throws {
    let reading =
      /\.(number|string|flag|int|text|bool|bytes|isNull|json|moment|id|optionalID|double)\(([5-9]|\d\d+)\)/
    var read: [String] = []
    for folder in ["MigrationLedger", "MigrationOperations/Watch"] {
      let root = packageRoot + "/Sources/" + folder
      for case let file as String in try #require(FileManager.default.enumerator(atPath: root))
      where file.hasSuffix(".swift") {
        let text = try String(contentsOfFile: root + "/" + file, encoding: .utf8)
        read += text.matches(of: reading).map { "\(file): \($0.0)" }
      }
    }
    #expect(read == [])
  }
}
