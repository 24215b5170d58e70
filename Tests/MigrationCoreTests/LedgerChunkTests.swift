import Foundation
import Postgres
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationLedger

@Suite struct LedgerChunkTests {
  @Test func rangesOfEveryKindComeBackAsTheyWere() throws {
    let fixture = try LedgerFixture()
    let ranges: [ChunkRange] = [
      .everything, .keys(lower: nil, upper: KeyBound(["ä\"\\", "2"], isInclusive: true)),
      .keys(
        lower: KeyBound(["a\0b"], isInclusive: false), upper: KeyBound([""], isInclusive: false)),
      .blocks(from: 0, to: 128), .blocks(from: 128, to: nil), .bytes(from: 1 << 40, to: 1 << 41),
      .keys(lower: KeyBound([#"{"$oid":"65a0"}"#], isInclusive: true), upper: nil),
    ]
    try fixture.ledger.insertBoundaries(
      table: fixture.table.id, feed: 0, source: "s", ranges.map { PlannedChunk($0) })
    let stored = try fixture.ledger.chunks(table: fixture.table.id)
    #expect(stored.map(\.chunk.range) == ranges)
  }

  @Test func chunkNumbersAreDenseAndOrderedByFeed() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(3, feed: 0)
    try fixture.plan(2, feed: 4)
    let chunks = try fixture.ledger.chunks(table: fixture.table.id).map(\.chunk)
    #expect(chunks.map(\.number) == [0, 1, 2, 3, 4])
    #expect(chunks.map(\.feed) == [0, 0, 0, 4, 4])
    #expect(chunks.map(\.ordinal) == [0, 1, 2, 0, 1])
    #expect(try fixture.ledger.plannedFeeds(table: fixture.table.id) == [0, 4])
    #expect(ledgerCode { try fixture.plan(1, feed: 4) } == .alreadyPlanned)
    #expect(ledgerCode { try fixture.plan(1, feed: 2) } == .alreadyPlanned)
    #expect(try fixture.ledger.chunks(table: fixture.table.id).count == 5)
  }

  @Test func aFeedWithoutRowsIsPlannedAllTheSame() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(0)
    #expect(try fixture.ledger.plannedFeeds(table: fixture.table.id) == [0])
    let claim = try fixture.ledger.claim(table: fixture.table.id, run: fixture.run.id)
    #expect(claim == .finished)
  }

  @Test func twoLanesNeverClaimTheSameChunk() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(3)
    let (first, second) = (try fixture.otherLedger(), try fixture.otherLedger())
    try first.connection.begin()
    try second.connection.begin()
    #expect(try fixture.claim(first).number == 0)
    #expect(try fixture.claim(second).number == 1)
    try first.connection.rollback()
    #expect(try fixture.claim(second).number == 0)
  }

  @Test func lanesThatRaceDoEveryChunkOnce() throws {
    let fixture = try LedgerFixture()
    let (count, lanes) = (200, 4)
    try fixture.plan(count)
    _ = try fixture.sql("CREATE TABLE done (number int, lane int)")
    let ledgers = try (0..<lanes).map { _ in try fixture.otherLedger() }
    DispatchQueue.concurrentPerform(iterations: lanes) { lane in
      do {
        let ledger = ledgers[lane]
        while true {
          let finished = try ledger.connection.inTransaction { () -> Bool in
            guard
              case .chunk(let chunk) = try ledger.claim(
                table: fixture.table.id, run: fixture.run.id)
            else { return true }
            try ledger.connection.query(
              "INSERT INTO done VALUES ($1, $2)", [chunk.number, lane])
            try ledger.complete(
              chunk, counts(read: 1, loaded: 1), run: fixture.run.id, lane: lane)
            return false
          }
          if finished { return }
        }
      } catch { Issue.record(error) }
    }
    let sums = try fixture.sql("SELECT count(*), count(DISTINCT number) FROM done")
    #expect(sums == "\(count)|\(count)")
    let sheet = try #require(try fixture.ledger.balance(session: fixture.session.id).first)
    #expect(sheet.loaded == count)
    #expect(sheet.isComplete)
    #expect(sheet.closes)
  }

  @Test func aRollbackLeavesTheChunkPendingAndTheTargetEmpty() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(1)
    _ = try fixture.sql("CREATE TABLE items (id int)")
    let lane = try fixture.otherLedger()
    try lane.connection.begin()
    let chunk = try fixture.claim(lane)
    try lane.connection.execute("INSERT INTO items SELECT generate_series(1, 10)")
    try lane.complete(chunk, counts(read: 10, loaded: 10), run: fixture.run.id, lane: 0)
    try lane.connection.rollback()
    #expect(try fixture.sql("SELECT count(*) FROM items") == "0")
    #expect(try fixture.ledger.chunk(table: chunk.table, number: 0)?.status == .pending)
  }

  @Test func aKilledLaneHasClaimedNothing() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(1)
    let lane = try fixture.otherLedger()
    try lane.connection.begin()
    let chunk = try fixture.claim(lane)
    let claim = { try fixture.ledger.claim(table: chunk.table, run: fixture.run.id) }
    #expect(try claim() == .wait(pending: 1, retryIn: nil))
    try fixture.ledger.connection.query(
      "SELECT pg_terminate_backend($1)", [lane.connection.facts.backendPID])
    try waitUntil { try claim() == .chunk(chunk) }
    let lost = {
      try lane.complete(chunk, counts(read: 0, loaded: 0), run: fixture.run.id, lane: 0)
    }
    #expect(throws: PostgresError.self) { try lost() }
  }

  @Test func aDoneChunkKeepsWhatBecameOfItsRows() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(1)
    _ = try fixture.sql("CREATE TABLE items (id int)")
    let fingerprint = try #require(Fingerprint((0..<16).map { UInt8($0 * 16) }))
    var sums = counts(read: 10, loaded: 6, merged: 1, filtered: 2, quarantined: 1, warned: 3)
    sums.bytes = 4096
    (sums.phases.sourceWait, sums.phases.transform) = (1, 2)
    (sums.phases.targetWait, sums.phases.commit) = (3, 4)
    let ledger = fixture.ledger
    try ledger.connection.inTransaction {
      let chunk = try fixture.claim(ledger)
      try ledger.connection.execute("INSERT INTO items VALUES (1)")
      try ledger.complete(chunk, sums, run: fixture.run.id, lane: 2, fingerprint: fingerprint)
    }
    let record = try #require(try ledger.chunk(table: fixture.table.id, number: 0))
    #expect(record.status == .done)
    #expect(record.counts == sums)
    #expect(record.run == fixture.run.id)
    #expect(record.lane == 2)
    #expect(record.fingerprint == fingerprint.bytes)
    #expect(record.finished != nil)
    let xmin = try fixture.sql("SELECT xmin FROM items")
    #expect(record.xid.map { String($0 % (1 << 32)) } == xmin)
  }

  @Test func booksThatDoNotCloseAreRefusedByProgramAndDatabase() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(1)
    let ledger = fixture.ledger
    try ledger.connection.begin()
    let chunk = try fixture.claim(ledger)
    let complete = {
      try ledger.complete(chunk, counts(read: 10, loaded: 9), run: fixture.run.id, lane: 0)
    }
    #expect(ledgerCode(complete) == .unbalanced)
    try ledger.connection.rollback()
    let direct = {
      _ = try ledger.connection.execute(
        "UPDATE migrate.chunk SET rows_read = 1, status = 'done', finished = now()")
    }
    #expect(sqlState(direct) == .checkViolation)
  }

  @Test func aDoneChunkIsNotDoneAgain() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(1)
    let ledger = fixture.ledger
    let chunk = try ledger.connection.inTransaction { () -> Chunk in
      let chunk = try fixture.claim(ledger)
      try ledger.complete(chunk, counts(read: 0, loaded: 0), run: fixture.run.id, lane: 0)
      return chunk
    }
    let again = {
      try ledger.complete(chunk, counts(read: 0, loaded: 0), run: fixture.run.id, lane: 0)
    }
    #expect(ledgerCode(again) == .chunkNotPending)
    #expect(try ledger.claim(table: chunk.table, run: fixture.run.id) == .finished)
  }

  @Test func aFailedChunkWaitsWhileOthersGoOn() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(2)
    let ledger = fixture.ledger
    let claim = { try ledger.claim(table: fixture.table.id, run: fixture.run.id) }
    guard case .chunk(let first) = try claim() else { throw SubprocessFailure(description: "none") }
    try ledger.noteFailure(first, "deadlock \0", retryIn: .seconds(60))
    guard case .chunk(let second) = try claim() else {
      throw SubprocessFailure(description: "none")
    }
    #expect(second.number == 1)
    try ledger.complete(second, counts(read: 0, loaded: 0), run: fixture.run.id, lane: 0)
    guard case .wait(let pending, let retryIn?) = try claim() else {
      throw SubprocessFailure(description: "the failed chunk does not wait")
    }
    #expect(pending == 1)
    #expect(retryIn > .zero && retryIn <= .seconds(60))
    _ = try fixture.sql("UPDATE migrate.chunk SET retry_at = now()")
    guard case .chunk(let again) = try claim() else { throw SubprocessFailure(description: "none") }
    #expect(again.number == 0)
    #expect(again.failures == 1)
    #expect(try ledger.chunk(table: first.table, number: 0)?.lastFailure == "deadlock \\0")
  }

  @Test func aRunThatWasSupersededClaimsNothingMore() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(2)
    let next = try fixture.ledger.beginRun(session: fixture.session.id, LedgerFixture.identity)
    let old = { _ = try fixture.ledger.claim(table: fixture.table.id, run: fixture.run.id) }
    #expect(ledgerCode(old) == .runSuperseded)
    guard case .chunk = try fixture.ledger.claim(table: fixture.table.id, run: next.run.id) else {
      throw SubprocessFailure(description: "the new run got no chunk")
    }
  }

  /// A chunk of which everything is known is claimed by its number, under the same conditions.
  @Test func aKnownChunkIsClaimedOnce() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(3)
    let (lane, other) = (try fixture.otherLedger(), try fixture.otherLedger())
    let chunks = try fixture.ledger.chunks(table: fixture.table.id).map(\.chunk)
    func claim(_ number: Int, _ ledger: Ledger, run: RunID) throws {
      try ledger.connection.begin()
      try ledger.connection.execute(ledger.claiming(chunks[number], run: run))
    }
    func isRefused(_ number: Int, _ ledger: Ledger, run: RunID) throws -> Bool {
      defer { try? ledger.connection.rollback() }
      return sqlState { try claim(number, ledger, run: run) } == .divisionByZero
    }
    try claim(1, lane, run: fixture.run.id)
    let seen = try fixture.sql(
      "select count(*) from pg_locks where locktype = 'advisory' and objsubid = 1")
    #expect(seen == "1")
    #expect(try isRefused(1, other, run: fixture.run.id), "it is another lane's")
    try lane.complete(chunks[1], counts(read: 0, loaded: 0), run: fixture.run.id, lane: 0)
    try lane.connection.commit()
    #expect(try isRefused(1, other, run: fixture.run.id), "it is done")
    #expect(try !isRefused(2, other, run: fixture.run.id))
    _ = try fixture.ledger.beginRun(session: fixture.session.id, LedgerFixture.identity)
    #expect(try isRefused(2, other, run: fixture.run.id), "the run is superseded")
  }

  @Test func claimsCanBeLimitedToAFeed() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(1, feed: 0)
    try fixture.plan(1, feed: 1)
    guard
      case .chunk(let chunk) = try fixture.ledger.claim(
        table: fixture.table.id, feed: 1, run: fixture.run.id)
    else { throw SubprocessFailure(description: "none") }
    #expect(chunk.feed == 1)
  }

  @Test func othersSeeWhichLaneHasWhichChunkInHand() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(3)
    let lane = try fixture.otherLedger()
    try lane.connection.begin()
    _ = try fixture.claim(lane)
    try lane.connection.rollback()
    #expect(try fixture.ledger.lanesInHand().isEmpty)
    try lane.connection.begin()
    let chunk = try fixture.claim(lane)
    let inHand = try #require(try fixture.ledger.lanesInHand().first)
    #expect(inHand.backend == Int(lane.connection.facts.backendPID))
    #expect(inHand.table == "items")
    #expect(inHand.chunk == chunk.number)
    #expect(inHand.session == fixture.session.id)
    #expect(inHand.blockers.isEmpty)
    try lane.connection.commit()
    #expect(try fixture.ledger.lanesInHand().isEmpty)
  }

  @Test func resettingForgetsRowsAndWaitsForNoOne() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(2)
    let ledger = fixture.ledger
    for _ in 0..<2 {
      try ledger.connection.inTransaction {
        let chunk = try fixture.claim(ledger)
        let row = QuarantinedRow(key: 1, row: [:], code: .data, reason: "bad")
        try ledger.quarantine([row], of: chunk)
        try ledger.recordMerged([MergedRow(key: 2, winner: 1)], of: chunk)
        try ledger.recordWarnings(
          [WarningCount(column: nil, reason: "odd", count: 1, examples: [])], of: chunk)
        try ledger.complete(
          chunk, counts(read: 2, loaded: 0, merged: 1, quarantined: 1, warned: 1),
          run: fixture.run.id, lane: 0)
      }
    }
    try ledger.resetChunks(table: fixture.table.id, numbers: [1])
    let half = try #require(try ledger.balance(session: fixture.session.id).first)
    #expect((half.read, half.open, half.mergedKeys, half.warningsKept) == (2, 1, 1, 1))
    #expect(half.closes)
    try ledger.resetChunks(table: fixture.table.id)
    let none = try #require(try ledger.balance(session: fixture.session.id).first)
    #expect((none.read, none.open, none.chunks, none.chunksDone) == (0, 0, 2, 0))
    try ledger.removeChunks(table: fixture.table.id)
    try fixture.plan(4)
    #expect(try ledger.chunks(table: fixture.table.id, status: .pending).count == 4)
  }
}
